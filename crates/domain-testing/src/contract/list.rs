//! The list of all cases, from which tests are made.

/// Expands to one test a case. `$test` is the attribute that makes a test of an async function, such as
/// `#[tokio::test]`; `$make` is an `async fn() -> Stores` that gives an empty store at every call.
#[macro_export]
macro_rules! store_contract {
    (#[$test:meta] $make:path) => {
        $crate::store_contract_cases! { #[$test] $make;
            units: [
                the_store_is_ready,
                what_a_unit_did_is_there_after_commit,
                what_a_unit_did_is_seen_by_nobody_before_commit,
                what_a_dropped_unit_did_is_gone,
                a_unit_sees_its_own_changes,
                a_dropped_unit_holds_no_lock,
                a_unit_that_is_cancelled_in_mid_call_is_gone,
                many_dropped_units_leave_the_store_usable,
                of_units_at_once_exactly_the_committed_are_kept,
                an_error_of_a_statement_that_returns_nothing_is_not_lost,
                a_unit_that_did_nothing_can_be_committed,
                a_read_does_not_wait_for_an_open_unit,
                a_refused_insert_leaves_the_unit_usable,
                a_mail_is_queued_exactly_when_its_unit_commits,
                a_refused_writer_reads_what_was_there_before,
            ];
            returned_mails: [
                the_first_mail_that_was_sent_to_an_address_is_known,
            ];
            visitor_sessions: [
                thousands_of_tokens_revoke_their_sessions_at_once,
                tokens_revoke_on_a_frontend_what_began_there,
            ];
            visitor_auth: [
                an_address_has_one_visitor_however_many_sign_in_at_once,
                a_visitor_comes_back_as_stored,
                a_session_says_on_which_frontend_it_began,
                a_session_says_on_which_kind_of_device_it_began,
                a_link_comes_back_as_stored,
                an_unknown_link_is_none,
                of_fifty_parallel_redemptions_one_succeeds,
                a_link_is_good_until_just_before_its_expiry,
                a_link_is_refused_at_its_expiry,
                a_used_link_stays_used,
                redeeming_spends_the_links_of_that_address_only,
                of_sibling_links_redeemed_at_once_one_succeeds,
                the_newest_link_of_an_address_is_the_one_made_last,
                code_attempts_are_counted_up_to_the_limit,
                parallel_code_attempts_never_exceed_the_limit,
                a_link_redeemed_in_a_dropped_unit_is_still_good,
                expired_links_are_forgotten_and_others_kept,
                what_is_old_is_forgotten_in_parts,
                a_session_says_who_is_signed_in,
                a_session_is_valid_until_just_before_its_expiry,
                a_revoked_session_is_not_valid,
                signing_out_twice_changes_nothing,
                an_expired_session_cannot_be_revoked,
                a_visitor_revokes_only_own_sessions,
                living_sessions_are_listed_newest_first,
                living_sessions_are_listed_in_parts,
                a_visitor_ends_all_other_sessions,
                sessions_that_began_elsewhere_are_not_a_frontends,
                ended_sessions_are_forgotten_and_others_kept,
            ];
            evidence: [
                a_dispute_is_kept_as_it_was_read_last,
                activity_adds_up_by_day,
            ];
            access: [
                an_unknown_handle_or_slug_is_none,
                a_slug_belongs_to_its_handle,
                the_gate_is_as_the_page_is,
                every_mode_session_and_purchase_is_told_as_stored,
                an_expired_or_revoked_session_knows_nobody,
                purchases_of_others_and_of_other_pages_do_not_count,
                two_purchases_are_both_told,
                a_purchase_is_told_as_it_stands_now,
                the_first_visit_is_told_once_recorded,
                a_page_comes_with_its_content,
                a_page_with_content_tells_the_same_as_without,
                an_edit_is_seen_by_the_next_question,
                a_long_body_is_that_of_its_version,
            ];
            history: [
                a_visitor_without_history_has_none,
                a_history_is_limited_to_handles,
                a_purchase_is_in_the_history,
                a_visit_is_in_the_history_once,
                the_history_says_how_access_stands,
                a_gift_is_in_the_history_without_an_amount,
                the_history_is_the_visitors_own,
                the_history_of_a_page_that_is_gone_from_sale_stays,
                the_history_runs_from_new_to_old,
                the_history_is_paged_without_gaps_or_repeats,
                a_full_page_that_is_the_last_has_no_next,
                a_cursor_survives_what_came_after_it,
                a_visit_counts_while_its_page_lets_visitors_in,
                a_history_is_walked_without_gaps_while_it_grows,
            ];
            checkout: [
                an_order_comes_back_as_stored,
                an_unknown_order_is_none,
                of_parallel_orders_of_a_visitor_for_a_page_one_is_kept,
                other_visitors_and_pages_have_orders_of_their_own,
                every_live_state_keeps_a_second_order_out,
                a_closed_order_lets_a_new_one_in,
                an_opened_session_is_noted,
                noting_the_same_session_again_is_fine,
                a_second_session_is_not_noted,
                a_closed_order_notes_no_session,
                an_order_advances_only_from_the_states_given,
                of_parallel_advances_one_succeeds,
                closing_a_page_marks_its_open_orders,
                closing_a_page_leaves_pending_and_closed_orders_alone,
                an_order_leads_on_to_another_address,
                orders_that_may_be_paid_move_to_another_visitor,
                orders_move_to_a_visitor_who_has_one_for_the_page,
                a_page_that_opens_again_and_a_change_of_address_wait_for_each_other,
                a_payment_and_a_change_of_address_do_not_miss_each_other,
                a_payment_and_a_page_that_opens_again_do_not_miss_each_other,
                an_order_and_an_edit_of_its_page_do_not_miss_each_other,
            ];
            connected_accounts: [
                an_account_comes_back_as_stored,
                a_handle_has_one_account_at_a_time,
                of_parallel_connections_one_is_kept,
                an_account_changes_its_state,
                a_turn_of_an_accounts_payments_is_told_once,
                an_account_keeps_what_was_read_later,
                a_refusal_because_of_an_account_is_remembered,
                a_disconnected_account_makes_room_and_is_still_counted,
            ];
            purchases: [
                a_purchase_comes_back_as_stored,
                a_gift_comes_back_as_stored,
                a_seller_is_kept_with_a_purchase,
                an_unknown_purchase_is_none,
                a_checkout_has_one_purchase,
                of_parallel_purchases_of_one_checkout_one_is_kept,
                what_a_unit_has_seen_is_there_for_later_reads,
                a_visitor_has_one_living_gift_of_a_page,
                of_parallel_gifts_one_is_kept,
                a_purchase_is_found_by_its_payment_and_account,
                the_purchases_of_a_visitor_are_listed_newest_first,
                a_state_is_stored_and_nothing_else_is_changed,
                a_refund_is_reserved_up_to_what_is_left,
                parallel_reservations_never_exceed_what_was_paid,
                what_was_released_can_be_reserved_again,
                what_was_refunded_cannot_be_reserved,
                what_was_lost_cannot_be_reserved,
                two_units_that_lock_a_purchase_wait_for_each_other,
                a_purchase_moves_as_the_unit_before_left_it,
                units_that_lock_a_visitor_wait_for_each_other,
            ];
            ledger: [
                a_fact_comes_back_as_stored,
                a_fact_is_kept_once,
                of_parallel_facts_with_one_reference_one_is_kept,
                facts_of_different_kinds_share_a_reference,
                the_facts_of_a_purchase_are_listed_oldest_first,
                a_fact_without_a_purchase_is_kept,
                a_fact_about_a_file_comes_back_as_stored,
                facts_about_pages_and_files_are_one_list,
                a_fact_of_a_dropped_unit_is_not_there,
            ];
            refund_requests: [
                a_refund_request_comes_back_as_stored,
                a_refund_request_is_found_by_its_key,
                a_refund_request_is_answered_once,
                reasons_of_refunds_are_told,
                refunds_that_were_accepted_are_told,
                of_parallel_answers_one_succeeds,
                an_unanswered_request_is_read_until_it_is_answered,
                a_request_is_noted_as_sent,
            ];
            creators: [
                an_empty_store_has_no_creator,
                a_creator_comes_back_as_stored,
                an_address_has_one_creator,
                of_parallel_registrations_of_an_address_one_is_kept,
                a_password_hash_is_replaced,
                the_owner_of_a_handle_has_an_address,
                a_handle_comes_back_as_stored,
                a_handle_is_told_with_the_proof_of_its_owner,
                a_handle_has_one_owner,
                of_parallel_handles_of_one_name_one_is_kept,
                a_handle_is_renamed,
                handles_are_listed_newest_first_in_parts,
                of_parallel_handles_as_many_are_kept_as_the_quota_allows,
            ];
            pages: [
                a_page_comes_back_as_stored,
                pages_of_a_handle_are_counted,
                every_page_is_listed_by_its_label,
                an_overview_counts_pages_and_names_what_is_for_sale,
                a_page_of_every_mode_status_and_price_comes_back,
                a_slug_is_used_once_under_a_handle,
                a_page_is_changed_only_if_unchanged,
                of_parallel_changes_of_one_version_one_is_kept,
                pages_are_listed_newest_first_in_parts,
                pages_are_listed_by_status,
                an_unused_page_is_deleted_and_its_slug_is_free,
                a_page_with_an_order_a_purchase_or_a_visit_is_not_deleted,
            ];
            creator_sessions: [
                a_creator_session_lives_until_just_before_its_expiry,
                a_refresh_token_is_traded_for_another,
                of_parallel_trades_one_succeeds,
                an_expired_or_revoked_session_trades_nothing,
                a_reused_refresh_token_ends_its_session,
                a_spent_refresh_token_is_found_with_its_session,
                an_unknown_refresh_token_ends_nothing,
                a_creator_session_is_revoked,
                a_creator_session_is_revoked_by_its_token,
                a_creator_session_is_revoked_by_a_token_that_was_traded,
                a_trade_at_the_same_time_does_not_outlive_signing_out,
                a_traded_refresh_token_has_the_time_of_its_trade,
                a_creator_session_keeps_the_kind_of_device_it_began_on,
            ];
            group_buys: [
                a_group_buy_comes_back_as_stored,
                group_buys_of_a_handle_are_counted,
                an_unknown_group_buy_is_none,
                a_group_buys_slug_is_used_once_under_a_handle,
                group_buys_are_listed_newest_first_in_parts,
                unended_group_buys_of_a_page_are_listed,
                offers_that_a_visitor_joined_are_listed,
                a_change_leaves_state_and_sum_alone,
                a_change_is_refused_when_it_comes_too_late,
                it_is_activated_only_at_its_target,
                a_group_buy_that_was_changed_in_between_goes_on,
                of_parallel_activations_one_succeeds,
                of_activation_and_cancellation_one_wins,
                it_is_cancelled_only_while_it_is_pending,
                what_is_overdue_is_ended_once,
                a_page_with_a_group_buy_is_not_deleted,
                an_order_remembers_its_group_buy,
                an_offer_has_a_name_until_it_ends,
            ];
            group_buy_versions: [
                each_step_of_a_group_buy_makes_a_later_version,
            ];
            interests: [
                an_interest_moves_the_sum_by_its_difference,
                the_sum_never_exceeds_the_maximum,
                nobody_joins_from_the_deadline_on,
                nobody_joins_what_is_not_open_or_leaves_what_was_activated,
                parallel_joins_fill_it_exactly,
                a_visitor_in_parallel_is_counted_once,
                a_withdrawal_and_an_activation_do_not_miss_each_other,
                recipients_are_read_in_parts,
                what_was_paid_is_told_by_people_quantity_and_amount,
                an_interest_moves_with_the_order,
                interests_are_listed_newest_first_in_parts,
            ];
            group_buy_model: [
                random_histories_keep_to_the_model,
            ];
            files: [
                a_file_comes_back_as_stored,
                files_of_a_handle_are_counted,
                bytes_of_a_creator_are_summed_over_files_and_uploads,
                a_file_is_there_only_once_it_is_complete,
                a_file_slug_is_used_once_under_a_handle,
                of_parallel_uploads_for_one_slug_one_is_kept,
                an_upload_gives_its_slug_up_when_its_lease_ends,
                a_file_is_changed_only_if_unchanged,
                a_file_cannot_take_the_slug_of_another,
                a_file_cannot_be_put_on_a_page_that_is_gone,
                a_retired_file_is_gone_and_its_object_is_due,
                an_upload_whose_lease_has_ended_is_due,
                a_file_that_is_there_is_not_cleared_away,
                an_upload_is_completed_or_retired_and_never_both,
                files_are_known_until_they_are_forgotten,
                files_are_listed_newest_first_in_parts,
                the_files_of_a_page_are_listed,
                a_file_outlives_its_page,
                what_a_decision_about_a_file_needs_is_told_at_once,
            ];
            allowlists: [
                who_is_on_a_list_is_told_with_the_file,
                addresses_on_a_list_are_counted,
                an_address_has_one_place_on_a_list_at_a_time,
                those_on_a_list_are_counted,
                of_parallel_places_of_an_address_one_is_kept,
                a_list_is_shown_newest_first_in_parts,
                a_place_is_in_the_history,
                the_end_of_a_place_stays,
                a_deletion_and_a_place_do_not_miss_each_other,
                a_removal_and_a_move_do_not_miss_each_other,
            ];
            settings: [
                the_pictures_of_a_handle_are_listed_newest_first,
                the_settings_of_a_handle_come_back_as_stored,
                wishes_of_a_handle_come_back_as_stored,
                what_becomes_of_second_payments_comes_back_as_stored,
                a_locked_handle_comes_with_its_settings,
                a_picture_is_replaced_by_another_or_none,
                an_origin_is_known_while_it_is_registered,
                handles_of_an_origin_are_those_that_registered_it,
                of_parallel_changes_of_origins_one_is_there,
            ];
            accounts: [
                a_creator_is_renamed,
                of_parallel_password_changes_one_succeeds,
                all_sessions_of_a_creator_are_revoked,
                sessions_of_a_creator_are_listed_in_parts,
                a_creator_revokes_only_own_sessions,
                suspended_creator_has_no_session_and_no_selling_account,
                creators_are_listed_newest_first,
                a_token_that_was_spent_long_ago_ends_its_session,
                expired_creator_sessions_are_forgotten,
            ];
            reports: [
                the_reports_of_a_new_handle_are_empty,
                a_sale_comes_back_as_stored,
                sales_are_filtered_by_page_and_visitor,
                sales_and_payments_are_found_by_how_an_address_starts,
                sales_are_paged_without_gaps_or_repeats,
                the_reports_of_a_handle_are_its_own,
                the_mails_about_a_handle_are_logged,
                facts_are_added_up_by_day_kind_and_currency,
            ];
            people: [
                people_are_listed_once_with_their_relations,
                people_are_known_at_the_origins_of_their_handles,
                people_are_found_by_how_their_address_starts,
            ];
            cases: [
                a_case_holds_what_is_known_of_one_person_and_page,
                a_case_holds_the_payment_that_is_on_its_way,
                a_case_holds_the_payments_that_failed,
                a_case_holds_the_pay_pages_that_were_not_paid,
                a_case_holds_the_payment_that_does_not_match_its_order,
                a_case_of_a_moved_purchase_is_told_under_both_addresses,
                a_case_of_a_file_holds_the_places_of_one_address,
                a_case_holds_no_more_facts_than_can_be_read,
            ];
            attention: [
                mails_that_were_given_up_are_listed_newest_first,
                unfinished_payments_are_listed_newest_first,
                payments_that_do_not_match_are_listed_each_with_its_own_dispute,
                a_payment_that_does_not_match_is_listed_behind_newer_orders,
                disputes_that_wait_for_an_answer_are_listed,
                refunds_that_failed_are_listed_until_they_are_settled,
                second_payments_that_are_held_are_listed_until_they_are_settled,
            ];
            renewals: [
                a_claim_ends_its_job_whether_or_not_a_renewal_took_place,
                a_claim_is_renewed_whether_or_not_a_renewal_took_place,
            ];
            jobs: [
                a_job_of_every_kind_comes_back_as_stored,
                a_job_that_cannot_be_read_is_claimed_by_its_kind_and_key,
                jobs_are_counted_by_kind,
                a_job_whose_claim_is_renewed_is_not_claimed_again,
                a_claim_that_is_lost_is_not_renewed,
                a_claim_is_held_as_long_as_nobody_else_has_the_job,
                a_job_waits_in_its_lane,
                jobs_of_full_lanes_are_passed_over,
                an_empty_queue_gives_nothing,
                a_job_is_not_claimed_before_it_is_due,
                the_job_that_is_due_longest_comes_first,
                an_urgent_job_comes_before_what_is_due_longer,
                only_the_kind_that_was_asked_for_is_claimed,
                a_claimed_job_is_given_to_nobody_else,
                a_job_is_claimed_again_when_its_lease_ends,
                a_rescheduled_job_comes_again_when_it_is_said_to,
                a_completed_job_is_gone,
                a_dead_job_is_counted_and_not_claimed,
                dead_jobs_are_forgotten_in_parts,
                no_job_has_two_runners_at_once,
                a_job_that_is_enqueued_again_is_put_off_or_moved_up,
                of_parallel_jobs_with_one_key_one_is_stored,
                a_job_that_is_enqueued_while_it_runs_runs_once_more,
                a_claim_that_has_lapsed_changes_nothing,
                a_job_of_a_dropped_unit_is_not_there,
                ensuring_a_job_disturbs_none,
                a_job_waits_until_it_is_done_or_given_up,
                a_job_that_is_due_too_late_is_brought_forward,
                a_runner_is_told_soon_after_a_commit,
            ];
            logs: [
                a_mail_comes_back_as_stored,
                mails_that_a_creator_causes_are_counted,
                mails_are_stopped_for_a_handle_and_an_address,
                the_language_of_an_address_is_remembered,
                an_address_is_marked_until_a_mail_arrives,
                a_creator_has_sold_from_the_first_payment_on,
                an_unknown_mail_is_none,
                a_sent_mail_is_queued_no_more,
                a_late_attempt_does_not_change_a_sent_mail,
                a_failed_mail_stays_queued_until_it_is_dead,
                a_dead_mail_is_queued_again,
                an_event_comes_back_as_stored,
                an_event_is_received_once,
                of_parallel_deliveries_of_an_event_one_is_new,
                an_applied_event_is_pending_no_more_and_stays_known,
                what_a_dropped_unit_logged_is_not_there,
            ];
            forgotten_events: [
                applied_events_are_forgotten_in_parts,
            ];
            limits: [
                a_bucket_admits_its_burst_and_no_more,
                a_bucket_wins_one_back_exactly_at_its_refill,
                a_bucket_never_holds_more_than_its_burst,
                a_limited_request_is_not_counted,
                a_bucket_says_when_to_come_again,
                limits_are_counted_until_one_is_exceeded,
                a_window_admits_its_most_and_no_more,
                a_window_ends_exactly_at_its_length,
                a_window_says_when_to_come_again,
                a_clock_that_was_ahead_locks_nobody_out,
                subjects_and_limits_are_counted_apart,
                of_fifty_parallel_requests_exactly_the_burst_is_admitted,
                of_fifty_parallel_requests_exactly_the_window_is_admitted,
                idle_counters_are_forgotten_in_parts,
                forgetting_the_idle_changes_no_answer,
            ];
            account_tokens: [
                of_parallel_uses_of_a_mailed_token_one_counts,
                mailed_tokens_of_a_creator_are_voided,
                a_mailed_token_is_good_until_just_before_its_expiry,
                an_address_is_proved_once,
            ];
            console: [
                a_creator_is_known_by_the_token_of_a_session,
                taken_names_are_told,
                a_storefront_has_a_description_and_a_picture,
                a_link_is_found_by_the_browser_that_asked,
                files_are_found_by_what_a_page_calls_them,
                the_media_of_a_file_are_kept,
                sales_are_counted_by_page,
                a_sent_mail_can_be_read_again,
                mails_are_searched_by_the_start_of_the_address,
                mails_to_who_stopped_them_are_marked,
                the_backlog_has_the_mails_that_were_not_sent,
            ];
            moves: [
                a_change_of_address_is_confirmed_once,
                confirmed_changes_of_address_are_kept_and_found_by_either_address,
                waiting_changes_of_address_are_found_by_either_address,
                changes_of_address_are_found_where_their_buyer_has_ordered,
                purchases_move_to_another_visitor,
                a_gift_that_the_other_has_stays,
                an_address_has_something_at_a_handle_or_not,
                entries_of_lists_move_to_another_address,
            ];
            closed_orders: [
                a_closed_order_comes_back_as_a_payment_on_its_way,
                an_order_that_is_not_closed_does_not_come_back,
                orders_whose_end_is_not_known_are_noted_as_unread,
            ];
            told_payments: [
                a_payment_on_its_way_is_told,
                the_last_order_with_a_pay_page_is_found,
                a_payment_that_does_not_match_is_told,
                a_payment_that_does_not_match_its_order_is_told,
                the_newest_failed_payment_is_told,
                a_failed_payment_is_told_until_it_is_settled,
            ];
            sweeps: [
                accounts_are_swept_in_turn,
                a_disconnected_account_is_connected_again,
                the_payments_of_purchases_are_known,
                the_states_of_orders_are_told,
                unfinished_orders_of_an_account_are_told,
                orders_without_a_session_are_told_in_turn,
                closed_orders_whose_ends_are_awaited_are_told,
                known_facts_are_told,
                a_visitors_open_order_of_a_page_is_closed,
                orders_that_are_not_shown_are_told_until_they_are_settled,
            ];
            idempotency: [
                a_new_key_is_fresh,
                an_answered_key_replays_its_answer,
                an_unanswered_key_is_busy_until_its_lease_ends,
                a_key_in_use_is_told_while_somebody_writes,
                a_renewed_key_stays_busy,
                a_request_that_lost_its_key_changes_nothing,
                a_released_key_is_fresh_again,
                of_parallel_claims_of_one_request_one_is_fresh,
                a_key_of_another_request_conflicts,
                scopes_and_keys_are_kept_apart,
                the_first_answer_stays,
                of_parallel_claims_of_one_key_with_many_requests_one_request_has_it,
                old_keys_are_forgotten_and_others_kept,
            ];
        }
    };
}

/// Does the work of [`store_contract!`](tollgate_domain::store_contract).
#[doc(hidden)]
#[macro_export]
macro_rules! store_contract_cases {
    (#[$test:meta] $make:path; $($group:ident: [$($case:ident),* $(,)?];)*) => {$($(
        #[$test]
        async fn $case() {
            $crate::contract::$group::$case($make().await).await;
        }
    )*)*};
}
