//! The tables, the same in both databases. A test compares the migrations of the two. All are in one file, since
//! Diesel joins only tables that are listed together.

diesel::table! {
    visitors (id) { id -> Text, email -> Text, created_at -> BigInt, }
}
diesel::table! {
    magic_links (id) {
        id -> Text,
        token -> Binary,
        code_fingerprint -> Binary,
        email -> Text,
        return_to -> Nullable<Text>,
        attempts -> Integer,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        asked_by -> Nullable<Binary>,
        confirmed_by -> Nullable<Binary>,
    }
}
diesel::table! {
    visitor_sessions (id) {
        id -> Text,
        token -> Binary,
        visitor_id -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        frontend -> Nullable<Text>,
        device -> Nullable<Text>,
    }
}
diesel::table! {
    creators (id) {
        id -> Text,
        email -> Text,
        name -> Text,
        password_hash -> Text,
        created_at -> BigInt,
        email_verified_at -> Nullable<BigInt>,
        suspended_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    account_tokens (token) {
        token -> Binary,
        purpose -> Text,
        creator_id -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    address_moves (id) {
        id -> Text,
        token -> Binary,
        handle_id -> Text,
        from_email -> Text,
        to_email -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    creator_sessions (id) {
        id -> Text,
        creator_id -> Text,
        token -> Binary,
        previous_token -> Nullable<Binary>,
        created_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        device -> Nullable<Text>,
    }
}
diesel::table! {
    spent_refresh_tokens (token) { token -> Binary, session_id -> Text, spent_at -> BigInt, }
}
diesel::table! {
    handles (id) {
        id -> Text,
        creator_id -> Text,
        name -> Text,
        title -> Text,
        created_at -> BigInt,
        support_email -> Nullable<Text>,
        mail_footer -> Nullable<Text>,
        description -> Nullable<Text>,
        picture -> Nullable<Text>,
        invoice -> Bool,
        automatic_tax -> Bool,
        tax_id -> Bool,
        second_payments -> Text,
    }
}
diesel::table! {
    frontend_origins (handle_id, origin) { handle_id -> Text, origin -> Text, place -> Integer, }
}
diesel::table! {
    pages (id) {
        id -> Text,
        handle_id -> Text,
        slug -> Text,
        title -> Text,
        teaser -> Text,
        body -> Text,
        mode -> Text,
        price_amount -> Nullable<BigInt>,
        price_currency -> Nullable<Text>,
        status -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        closed_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    visits (visitor_id, page_id) {
        visitor_id -> Text,
        page_id -> Text,
        at -> BigInt,
        handle_id -> Nullable<Text>,
    }
}
diesel::table! {
    connected_accounts (account) {
        account -> Text,
        handle_id -> Text,
        live_handle_id -> Nullable<Text>,
        charges_enabled -> Bool,
        payouts_enabled -> Bool,
        details_submitted -> Bool,
        created_at -> BigInt,
        updated_at -> BigInt,
        swept_at -> Nullable<BigInt>,
        refused_at -> Nullable<BigInt>,
        sweep_place -> Nullable<Text>,
    }
}
diesel::table! {
    checkout_orders (id) {
        id -> Text,
        visitor_id -> Text,
        handle_id -> Text,
        page_id -> Text,
        account -> Text,
        title -> Text,
        amount -> BigInt,
        currency -> Text,
        fee -> BigInt,
        customer_email -> Text,
        success_url -> Nullable<Text>,
        cancel_url -> Nullable<Text>,
        status -> Text,
        live_key -> Nullable<Text>,
        awaited_account -> Nullable<Text>,
        session -> Nullable<Text>,
        url -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
        group_buy_id -> Nullable<Text>,
        invoice -> Bool,
        automatic_tax -> Bool,
        tax_id -> Bool,
        unread_at -> Nullable<BigInt>,
        reread_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    purchases (id) {
        id -> Text,
        visitor_id -> Text,
        handle_id -> Text,
        page_id -> Text,
        created_at -> BigInt,
        checkout_id -> Nullable<Text>,
        amount -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        account -> Nullable<Text>,
        session -> Nullable<Text>,
        payment_intent -> Nullable<Text>,
        granted_as -> Text,
        grant_type -> Text,
        refunded -> BigInt,
        refund_reserved -> BigInt,
        suspended_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
        tax -> Nullable<BigInt>,
        seller_name -> Nullable<Text>,
        seller_text -> Nullable<Text>,
        lost -> BigInt,
        paid_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    ledger (id) {
        id -> Text,
        at -> BigInt,
        kind -> Text,
        reference -> Text,
        handle_id -> Text,
        page_id -> Nullable<Text>,
        file_id -> Nullable<Text>,
        visitor_id -> Nullable<Text>,
        purchase_id -> Nullable<Text>,
        amount -> Nullable<BigInt>,
        currency -> Nullable<Text>,
    }
}
diesel::table! {
    ledger_days (handle_id, day, kind, currency) {
        handle_id -> Text,
        day -> BigInt,
        kind -> Text,
        currency -> Text,
        facts -> BigInt,
        amount -> BigInt,
    }
}
diesel::table! {
    people (handle_id, email) {
        handle_id -> Text,
        email -> Text,
    }
}
diesel::table! {
    page_sales (page_id) {
        page_id -> Text,
        handle_id -> Text,
        sold -> BigInt,
        given -> BigInt,
    }
}
diesel::table! {
    jobs (job_key) {
        job_key -> Text,
        kind -> Text,
        payload -> Text,
        priority -> Integer,
        due_at -> Nullable<BigInt>,
        attempts -> Integer,
        dead_at -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        lane -> Nullable<Text>,
    }
}
diesel::table! {
    refund_requests (id) {
        id -> Text,
        purchase_id -> Text,
        amount -> BigInt,
        currency -> Text,
        reason -> Nullable<Text>,
        requested_at -> BigInt,
        answered_at -> Nullable<BigInt>,
        accepted -> Nullable<Bool>,
        provider_refund -> Nullable<Text>,
        idempotency_key -> Nullable<Text>,
        sent_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    provider_events (id) {
        id -> Text,
        kind -> Text,
        account -> Nullable<Text>,
        object_id -> Text,
        received_at -> BigInt,
        done_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        subject -> Text,
    }
}
diesel::table! {
    outbox (id) {
        id -> Text,
        kind -> Text,
        recipient -> Text,
        handle_id -> Nullable<Text>,
        sealed -> Binary,
        status -> Text,
        attempts -> Integer,
        queued_at -> BigInt,
        sent_at -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
    }
}
diesel::table! {
    languages (email) { email -> Text, language -> Text, }
}
diesel::table! {
    mail_stops (handle_id, email) { handle_id -> Text, email -> Text, stopped_at -> BigInt, }
}
diesel::table! {
    returned_mails (email) {
        email -> Text,
        bounced_at -> Nullable<BigInt>,
        complained_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    rate_limits (subject) { subject -> Text, at -> BigInt, used -> BigInt, idle_at -> BigInt, }
}
diesel::table! {
    idempotency_keys (scope, idempotency_key) {
        scope -> Text,
        idempotency_key -> Text,
        fingerprint -> Binary,
        status -> Nullable<Integer>,
        body -> Nullable<Text>,
        created_at -> BigInt,
        owner -> Text,
    }
}
diesel::table! {
    disputes (id) {
        id -> Text,
        purchase_id -> Text,
        progress -> Text,
        stage -> Text,
        reason -> Text,
        amount -> BigInt,
        currency -> Text,
        opened_at -> BigInt,
        respond_by -> Nullable<BigInt>,
        read_at -> BigInt,
    }
}
diesel::table! {
    activity (visitor_id, handle_id, day, kind, subject) {
        visitor_id -> Text,
        handle_id -> Text,
        kind -> Text,
        subject -> Text,
        day -> BigInt,
        first_at -> BigInt,
        last_at -> BigInt,
        count -> BigInt,
    }
}
diesel::table! {
    group_buys (id) {
        id -> Text,
        handle_id -> Text,
        page_id -> Text,
        slug -> Text,
        title -> Text,
        description -> Text,
        price_amount -> BigInt,
        price_currency -> Text,
        target_quantity -> BigInt,
        max_quantity -> Nullable<BigInt>,
        deadline -> Nullable<BigInt>,
        offer_days -> BigInt,
        state -> Text,
        current_quantity -> BigInt,
        activated_at -> Nullable<BigInt>,
        offer_ends_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}
diesel::table! {
    group_buy_interests (group_buy_id, visitor_id) {
        group_buy_id -> Text,
        visitor_id -> Text,
        quantity -> BigInt,
        created_at -> BigInt,
    }
}
diesel::table! {
    files (id) {
        id -> Text,
        handle_id -> Text,
        slug -> Text,
        live_slug -> Nullable<Text>,
        name -> Text,
        content_type -> Text,
        size -> BigInt,
        sha256 -> Binary,
        access -> Text,
        page_id -> Nullable<Text>,
        state -> Text,
        was_complete -> Bool,
        due_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        media -> Nullable<Text>,
        unlisted_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    file_allowlist (id) {
        id -> Text,
        file_id -> Text,
        email -> Text,
        added_at -> BigInt,
        removed_at -> Nullable<BigInt>,
        live_key -> Nullable<Text>,
    }
}
diesel::table! {
    /// The table of `diesel_migrations`.
    #[sql_name = "__diesel_schema_migrations"]
    schema_migrations (version) { version -> Text, }
}

diesel::allow_tables_to_appear_in_same_query!(
    visitors,
    visitor_sessions,
    creators,
    account_tokens,
    address_moves,
    creator_sessions,
    spent_refresh_tokens,
    handles,
    frontend_origins,
    pages,
    visits,
    connected_accounts,
    checkout_orders,
    purchases,
    disputes,
    refund_requests,
    ledger,
    languages,
    mail_stops,
    returned_mails,
    outbox,
    people,
    group_buys,
    group_buy_interests,
    files,
    file_allowlist,
);
