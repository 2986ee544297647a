//! Tests of what forms of the console say in Chromium about bad input: a message beside each field, and everything
//! else that was typed stays.

mod lengths;
mod uploads;

use crate::support::{Backend, Chrome, Place, Server, Upload};

on_the_embedded_database!(
    empty_forms_name_each_field_that_is_missing,
    ranges_and_reasons_that_are_wrong_are_named_and_kept,
    words_that_are_not_an_address_or_number_are_named_and_kept,
    markup_emoji_and_texts_from_right_to_left_are_kept_as_they_are,
);

const EMPTY: &str = "Please fill this in.";
const NO_ADDRESS: &str = "This is not an e-mail address. It looks like name@example.com.";
/// Markup, an emoji, and words from right to left.
const ODD: &str = "<b>&amp;</b> 🌱 مرحبا";

/// A form: its screen, the button that sends it, what is typed, and what is said about it.
struct Case<'a> {
    path: &'a str,
    button: &'a str,
    typed: &'a [(&'a str, &'a str)],
    errors: &'a [(&'a str, &'a str)],
}

impl Case<'_> {
    async fn is_refused(&self, place: &Place, chrome: &Chrome) {
        chrome.open(&place.console(self.path)).await;
        for (label, text) in self.typed {
            chrome.paste(label, text).await;
        }
        chrome.press(self.button).await;
        chrome.refuses(self.errors).await;
        for (label, text) in self.typed.iter().filter(|(label, _)| !label.contains("assword")) {
            assert_eq!(chrome.value(label).await, *text, "{}: {label}", self.path);
        }
    }
}

/// Opens a shop with a file on a list.
async fn shop(backend: Backend) -> (Server, Chrome) {
    let server = Server::fresh(backend).await;
    server.upload(&server.ada().await, &Upload::by_list("plans", b"For invited people.")).await;
    let chrome = server.console().await;
    (server, chrome)
}

async fn empty_forms_name_each_field_that_is_missing(backend: Backend) {
    let (server, ada) = shop(backend).await;
    let nobody = Chrome::new().await;
    let strangers = [
        Case {
            path: "/sign-in",
            button: "Sign in",
            typed: &[],
            errors: &[("E-mail address", EMPTY), ("Password", EMPTY)],
        },
        Case {
            path: "/sign-up",
            button: "Create the account",
            typed: &[("Your name (optional)", "Carol")],
            errors: &[("E-mail address", EMPTY), ("Password", "Please use 8 to 256 characters.")],
        },
        Case {
            path: "/password-reset",
            button: "Mail me the link",
            typed: &[],
            errors: &[("E-mail address", EMPTY)],
        },
    ];
    for case in strangers {
        case.is_refused(&server.place, &nobody).await;
    }
    let price = "A page that is for sale needs a price.";
    let creators = [
        Case {
            path: "/new-handle",
            button: "Create the shop",
            typed: &[],
            errors: &[("Name of the shop", EMPTY), ("Handle", EMPTY)],
        },
        Case {
            path: "/ada/pages/new",
            button: "Publish",
            typed: &[("Teaser (optional)", "Soon")],
            errors: &[("Title", EMPTY), ("Price", price)],
        },
        Case {
            path: "/ada/pages/guide",
            button: "Save",
            typed: &[("Title", " "), ("Price", "")],
            errors: &[("Title", EMPTY), ("Price", price)],
        },
        Case {
            path: "/ada/pictures",
            button: "Upload",
            typed: &[("What it shows (optional)", "Pots")],
            errors: &[("File", "Please choose a file.")],
        },
        Case {
            path: "/ada/files/plans",
            button: "Save",
            typed: &[("Name", ""), ("Name in the address", "")],
            errors: &[
                ("Name", EMPTY),
                (
                    "Name in the address",
                    "Please use 1 to 64 lower-case letters (a to z), digits and hyphens. A hyphen is neither first nor last.",
                ),
            ],
        },
        Case {
            path: "/ada/files/plans/allowlist",
            button: "Add",
            typed: &[],
            errors: &[("E-mail address", EMPTY)],
        },
        Case {
            path: "/ada/files/plans/allowlist/many",
            button: "Check them",
            typed: &[],
            errors: &[("Addresses", "There is no address in this.")],
        },
        Case {
            path: "/ada/new-group-buy",
            button: "Create the group buy",
            typed: &[("Description (optional)", "Together")],
            errors: &[
                ("Title", EMPTY),
                ("Page", "Please choose a page."),
                ("Group price", EMPTY),
                ("Target", "Please write a whole number, such as 10."),
            ],
        },
        Case {
            path: "/ada/people/grant",
            button: "Give access",
            typed: &[],
            errors: &[("E-mail address", EMPTY), ("Page", "Please choose a page.")],
        },
        Case {
            path: "/ada/people/move?email=bob%40example.com",
            button: "Mail the link",
            typed: &[],
            errors: &[("New address", EMPTY)],
        },
        Case {
            path: "/ada/settings",
            button: "Save",
            typed: &[("Name of the shop", ""), ("Description (optional)", "Pots")],
            errors: &[("Name of the shop", EMPTY)],
        },
        Case {
            path: "/account",
            button: "Change the password",
            typed: &[],
            errors: &[
                ("Current password", EMPTY),
                ("New password", "Please use 8 to 256 characters."),
            ],
        },
    ];
    for case in creators {
        case.is_refused(&server.place, &ada).await;
    }
}

async fn ranges_and_reasons_that_are_wrong_are_named_and_kept(backend: Backend) {
    let server = Server::fresh(backend).await;
    server.bought(&server.place.sandbox(), "bob@example.com").await;
    let ada = server.console().await;
    let cases = [
        Case {
            path: "/ada/revenue",
            button: "Show",
            typed: &[("From", "2026-02-02"), ("To", "2026-01-01")],
            errors: &[("To", "The last day cannot be before the first day.")],
        },
        Case {
            path: "/ada/revenue",
            button: "Show",
            typed: &[("From", "1999-01-01"), ("To", "2026-01-01")],
            errors: &[("From", "Please choose at most 366 days.")],
        },
    ];
    for case in cases {
        case.is_refused(&server.place, &ada).await;
    }
    ada.open(&server.place.console("/ada/revenue?from=yesterday&to=2026-01-01")).await;
    ada.refuses(&[("From", "Please choose a date, such as 2026-01-31.")]).await;
    assert_eq!(ada.value("To").await, "2026-01-01");
    ada.open(&server.place.console("/ada/purchases")).await;
    ada.follow("Refund of bob@example.com for The balcony guide").await;
    let reason = "🌱".repeat(501);
    ada.paste("Reason (optional)", &reason).await;
    ada.press("Refund now").await;
    ada.refuses(&[("Reason (optional)", "Please use at most 500 characters.")]).await;
    assert_eq!(ada.value("Reason (optional)").await, reason);
    ada.paste("Reason (optional)", ODD).await;
    ada.press("Refund now").await;
    ada.shows("Refunded: $12.00").await;
}

async fn words_that_are_not_an_address_or_number_are_named_and_kept(backend: Backend) {
    let (server, ada) = shop(backend).await;
    let slug = "Please use 1 to 64 lower-case letters (a to z), digits and hyphens. A hyphen is neither first nor last.";
    let cases = [
        Case {
            path: "/ada/pages/new",
            button: "Publish",
            typed: &[("Title", ODD), ("Address (optional)", ODD), ("Price", ODD)],
            errors: &[
                ("Address (optional)", slug),
                (
                    "Price",
                    "This is not an amount. Write it like 12.50. The least amount is $0.50, with at most 2 decimals.",
                ),
            ],
        },
        Case {
            path: "/ada/files/plans/allowlist",
            button: "Add",
            typed: &[("E-mail address", ODD)],
            errors: &[("E-mail address", NO_ADDRESS)],
        },
        Case {
            path: "/ada/people/grant?page=guide",
            button: "Give access",
            typed: &[("E-mail address", ODD)],
            errors: &[("E-mail address", NO_ADDRESS)],
        },
        Case {
            path: "/ada/people/move?email=bob%40example.com",
            button: "Mail the link",
            typed: &[("New address", ODD)],
            errors: &[("New address", NO_ADDRESS)],
        },
        Case {
            path: "/ada/settings",
            button: "Save",
            typed: &[
                ("Address for questions (optional)", ODD),
                ("Origins of your own websites (optional)", ODD),
            ],
            errors: &[
                ("Address for questions (optional)", NO_ADDRESS),
                (
                    "Origins of your own websites (optional)",
                    "“<b>&amp;</b> 🌱 مرحبا” is not an origin that we can use. Please write one origin a line, such as https://shop.example.com: in lower case, without a path or the usual port.",
                ),
            ],
        },
        Case {
            path: "/ada/group-buys/together/edit",
            button: "Save",
            typed: &[
                ("Group price", ODD),
                ("Target", ODD),
                ("Maximum (optional)", "1.5"),
                ("Days of the offer", "many"),
            ],
            errors: &[
                (
                    "Group price",
                    "This is not an amount. Write it like 12.50. The least amount is $0.50, with at most 2 decimals.",
                ),
                ("Target", "Please write a whole number, such as 10."),
                ("Maximum (optional)", "Please write a whole number, such as 10."),
                ("Days of the offer", "Please write a whole number, such as 10."),
            ],
        },
    ];
    for case in cases {
        case.is_refused(&server.place, &ada).await;
    }
}

async fn markup_emoji_and_texts_from_right_to_left_are_kept_as_they_are(backend: Backend) {
    let (server, ada) = shop(backend).await;
    ada.open(&server.place.console("/ada/pages/new")).await;
    for label in ["Title", "Teaser (optional)", "Text"] {
        ada.paste(label, ODD).await;
    }
    ada.paste("Address (optional)", "odd").await;
    ada.choose("Public").await;
    ada.press("Publish").await;
    ada.shows("Published: ").await;
    for label in ["Title", "Teaser (optional)", "Text"] {
        assert_eq!(ada.value(label).await, ODD, "{label}");
    }
    ada.open(&server.place.console("/ada/settings")).await;
    for label in ["Name of the shop", "Description (optional)", "End of your mails (optional)"] {
        ada.paste(label, ODD).await;
    }
    ada.press("Save").await;
    ada.shows("Saved.").await;
    for label in ["Name of the shop", "Description (optional)", "End of your mails (optional)"] {
        assert_eq!(ada.value(label).await, ODD, "{label}");
    }
    for path in ["", "/pages", "/pages/odd", "/pages/odd/view?as=stranger", "/pages/odd/delete"] {
        ada.open(&server.place.console(&format!("/ada{path}"))).await;
        ada.shows(ODD).await;
    }
    ada.is_quiet().await;
}
