//! The list of all cases, from which tests are made.

/// Expands to one test a case. `$test` is the attribute that makes a test of an async function; `$make`
/// is an `async fn` that gives a [`Fixture`](crate::contract::payments::Fixture) at every call, whose provider has no
/// accounts.
#[macro_export]
macro_rules! payments_contract {
    (#[$test:meta] $make:path) => {
        $crate::payments_contract! { @cases #[$test] $make;
            accounts: [
                an_account_is_created_once_for_a_label_and_an_attempt,
                an_account_is_found_by_its_label,
                each_onboarding_link_is_another_one,
                an_account_says_what_it_can_do_and_what_it_lacks,
                an_account_that_does_not_exist_is_out_of_reach,
                a_disconnected_account_is_out_of_reach_until_it_is_connected_again,
                a_restricted_account_opens_no_session,
                objects_of_another_account_are_not_found,
                unknown_ids_are_not_found,
            ];
            sessions: [
                a_session_goes_from_open_to_paid,
                a_payment_has_its_order_and_a_charge_of_its_own,
                tax_is_part_of_the_price,
                a_payment_that_takes_days_is_pending_until_it_arrives_or_fails,
                amounts_are_in_minor_units,
                parallel_requests_for_an_order_open_one_session,
                another_attempt_opens_another_session,
                an_attempt_is_for_one_order_only,
                a_session_that_is_not_open_is_not_closed,
                a_session_ends_when_its_time_is_up,
            ];
            refunds: [
                an_order_is_refunded_once,
                no_more_than_the_payment_is_refunded,
                the_answer_to_a_refund_is_repeated_as_it_was,
                a_refund_that_takes_days_is_pending_and_may_fail,
                what_the_owner_refunds_is_listed_with_ours,
                a_refund_without_balance_is_refused_as_that,
                a_payment_that_has_not_arrived_is_not_refunded,
            ];
            disputes: [
                a_dispute_is_read_as_it_stands,
                a_part_of_a_payment_may_be_disputed,
                a_disputed_payment_is_not_refunded,
                an_inquiry_keeps_no_payment_from_being_refunded,
            ];
            lists: [
                what_happened_since_an_instant_is_listed_newest_first,
                a_list_of_more_than_a_page_is_read_to_its_end,
                a_payment_that_did_not_arrive_is_listed_as_failed,
                a_session_is_found_around_the_creation_of_its_order,
                an_open_session_is_found_before_one_that_was_completed,
                a_session_that_expired_is_not_found,
            ];
            failures: [
                a_lost_answer_causes_no_second_session,
                a_lost_answer_causes_no_second_refund,
                a_session_whose_error_is_kept_is_found_if_it_was_opened,
                a_refund_whose_error_is_kept_is_listed_if_it_was_made,
            ];
        }
    };
    (@cases #[$test:meta] $make:path; $($group:ident: [$($case:ident),* $(,)?];)*) => {$($(
        #[$test]
        async fn $case() {
            let fixture = $make().await;
            $crate::contract::payments::$group::$case(&fixture).await;
            $crate::contract::payments::Fixture::end(&fixture);
        }
    )*)*};
}
