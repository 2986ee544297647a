//! Ways in, and addresses.

use tollgate_domain::mail::{MailContent, SecretText, SignInTarget};

use super::Typed;

pub(super) fn mails(typed: &Typed<'_>) -> Vec<(&'static str, MailContent)> {
    let seller = || typed.seller.to_owned();
    let link = || SecretText("https://example.com/confirm?token=abc&x=1".to_owned());
    let old = || "b•••@example.com".to_owned();
    vec![
        ("magic_link", magic_link(15, None, None)),
        ("magic_link_to_a_seller", magic_link(15, Some(typed.seller), None)),
        ("magic_link_to_a_page", magic_link(15, Some(typed.seller), Some(typed.title))),
        ("magic_link_from_a_seller", magic_link_from(typed.seller, Some(typed.title))),
        ("verify_email", MailContent::VerifyEmail { link: link(), valid_hours: 48 }),
        ("password_reset", MailContent::PasswordReset { link: link(), valid_minutes: 30 }),
        (
            "confirm_move",
            MailContent::ConfirmMove {
                seller: seller(),
                link: link(),
                from: old(),
                valid_hours: 48,
            },
        ),
        (
            "moved",
            MailContent::Moved {
                seller: seller(), from: old(), to: "r•••@example.org".to_owned()
            },
        ),
    ]
}

pub(crate) fn magic_link(
    valid_minutes: i64,
    seller: Option<&str>,
    title: Option<&str>,
) -> MailContent {
    MailContent::MagicLink {
        link: SecretText("https://example.com/sign-in?token=abc&x=1".to_owned()),
        code: SecretText("042917".to_owned()),
        valid_minutes,
        valid_seconds: None,
        seller: seller.map(ToOwned::to_owned),
        title: title.map(ToOwned::to_owned),
        wanted: SignInTarget::Page,
        sent_by_seller: false,
    }
}

pub(crate) fn magic_link_from(seller: &str, title: Option<&str>) -> MailContent {
    let mut content = magic_link(15, Some(seller), title);
    if let MailContent::MagicLink { sent_by_seller, .. } = &mut content {
        *sent_by_seller = true;
    }
    content
}
