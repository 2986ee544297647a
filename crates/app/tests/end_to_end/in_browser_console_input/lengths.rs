//! Texts that are too long, and too much where little is asked for.

use super::{Case, NO_ADDRESS, shop};
use crate::support::{Backend, Chrome, Server};

on_the_embedded_database!(texts_that_are_too_long_are_named_and_kept);

async fn texts_that_are_too_long_are_named_and_kept(backend: Backend) {
    let (server, ada) = shop(backend).await;
    let (line, text) = ("x".repeat(201), "🌱 ".repeat(600));
    let (teaser, body) = ("x".repeat(10_001), "é".repeat(32 * 1024 + 1));
    let (line, text, teaser, body) = (&*line, &*text, &*teaser, &*body);
    let of_200 = "Please use at most 200 characters.";
    let cases = [
        Case {
            path: "/new-handle",
            button: "Create the shop",
            typed: &[("Name of the shop", line), ("Handle", "pots")],
            errors: &[("Name of the shop", "Please use at most 100 characters.")],
        },
        Case {
            path: "/new-handle",
            button: "Create the shop",
            typed: &[("Name of the shop", "Pots"), ("Handle", line)],
            errors: &[(
                "Handle",
                "Please use 3 to 32 lower-case letters (a to z), digits and hyphens. A hyphen is neither first nor last.",
            )],
        },
        Case {
            path: "/ada/pages/guide",
            button: "Save",
            typed: &[("Title", line), ("Teaser (optional)", teaser), ("Text", body)],
            errors: &[
                ("Title", of_200),
                ("Teaser (optional)", "Please use at most 10,000 characters."),
                ("Text", "Please use at most 64 KiB of text, which is about 64 thousand letters."),
            ],
        },
        Case {
            path: "/ada/files/plans",
            button: "Save",
            typed: &[("Name", line)],
            errors: &[("Name", of_200)],
        },
        Case {
            path: "/ada/settings",
            button: "Save",
            typed: &[
                ("Name of the shop", "Ada"),
                ("Description (optional)", text),
                ("End of your mails (optional)", text),
            ],
            errors: &[
                ("Description (optional)", "Please use at most 1,000 characters."),
                ("End of your mails (optional)", "Please use at most 500 characters."),
            ],
        },
        Case {
            path: "/account",
            button: "Save",
            typed: &[("Your name (optional)", line)],
            errors: &[("Your name (optional)", "Please use at most 200 characters.")],
        },
    ];
    for case in cases {
        case.is_refused(&server.place, &ada).await;
    }
    too_much_is_named_where_little_is_asked_for(&server, &ada).await;
}

async fn too_much_is_named_where_little_is_asked_for(server: &Server, ada: &Chrome) {
    let (address, line) = (&*format!("{}@example.com", "x".repeat(300)), &*"x".repeat(201));
    let text = &*"🌱".repeat(10_001);
    let by_address = [
        ("/ada/files/plans/allowlist", "Add", "E-mail address", NO_ADDRESS),
        ("/ada/people/grant?page=guide", "Give access", "E-mail address", NO_ADDRESS),
        ("/ada/people/move?email=bob%40example.com", "Mail the link", "New address", NO_ADDRESS),
        ("/ada/purchases?email=x", "Filter", "Address", "Please use at most 254 characters."),
    ];
    for (path, button, label, error) in by_address {
        let (typed, errors) = (&[(label, address)], &[(label, error)]);
        Case { path, button, typed, errors }.is_refused(&server.place, ada).await;
    }
    let group_buy = Case {
        path: "/ada/group-buys/together/edit",
        button: "Save",
        typed: &[("Title", line), ("Description (optional)", text)],
        errors: &[
            ("Title", "Please use at most 200 characters."),
            ("Description (optional)", "Please use at most 10,000 characters."),
        ],
    };
    group_buy.is_refused(&server.place, ada).await;
}
