//! Jobs as databases have them.

use tollgate_domain::jobs::JobKind;

/// Payload and key of a job of each kind, as deployed databases have them. They never change.
#[rustfmt::skip]
pub const STORED_JOBS: [(&str, &str); JobKind::ALL.len()] = [
    (r#"{"kind":"send_urgent_mail","id":"mal_01arz3ndektsv4rrffq69g5fav"}"#,
        "send_urgent_mail/mal_01arz3ndektsv4rrffq69g5fav"),
    (r#"{"kind":"mail_password_reset","id":"ada@creators.example"}"#,
        "mail_password_reset/oCLPA9KroyFiO6cP94AiBeHVK0V8RxWXV1SVMMz75Uo"),
    (r#"{"kind":"apply_event","id":"evt_1"}"#, "apply_event/evt_1"),
    (r#"{"kind":"send_mail","id":"mal_01arz3ndektsv4rrffq69g5fav"}"#,
        "send_mail/mal_01arz3ndektsv4rrffq69g5fav"),
    (r#"{"kind":"close_checkout","id":"chk_01arz3ndektsv4rrffq69g5fav"}"#,
        "close_checkout/chk_01arz3ndektsv4rrffq69g5fav"),
    (r#"{"kind":"resume_refund","id":"rfd_01arz3ndektsv4rrffq69g5fav"}"#,
        "resume_refund/rfd_01arz3ndektsv4rrffq69g5fav"),
    (r#"{"kind":"refund_second_payment","id":"pur_01arz3ndektsv4rrffq69g5fav"}"#,
        "refund_second_payment/pur_01arz3ndektsv4rrffq69g5fav"),
    (r#"{"kind":"read_dispute","id":["acct_1","du_1"]}"#, "read_dispute/acct_1/du_1"),
    (r#"{"kind":"tell_of_account","id":"hdl_01arz3ndektsv4rrffq69g5fav"}"#,
        "tell_of_account/hdl_01arz3ndektsv4rrffq69g5fav"),
    (r#"{"kind":"end_group_buy","id":"gb_01arz3ndektsv4rrffq69g5fav"}"#,
        "end_group_buy/gb_01arz3ndektsv4rrffq69g5fav"),
    (r#"{"kind":"notify_interested","id":["gb_01arz3ndektsv4rrffq69g5fav","vis_01arz3ndektsv4rrffq69g5fav"]}"#,
        "notify_interested/gb_01arz3ndektsv4rrffq69g5fav/vis_01arz3ndektsv4rrffq69g5fav"),
    (r#"{"kind":"clear_file","id":"fil_01arz3ndektsv4rrffq69g5fav"}"#,
        "clear_file/fil_01arz3ndektsv4rrffq69g5fav"),
    (r#"{"kind":"delete_stray_objects"}"#, "delete_stray_objects"),
    (r#"{"kind":"forget_expired"}"#, "forget_expired"),
    (r#"{"kind":"sweep_accounts"}"#, "sweep_accounts"),
    (r#"{"kind":"sweep_account","id":"acct_1"}"#, "sweep_account/acct_1"),
];
