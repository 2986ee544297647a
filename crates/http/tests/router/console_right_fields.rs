//! The console: a field that is right is never told as wrong because another one is.

use crate::{
    console_browser::Browser,
    support::{Reply, TestApp},
};

type Fields = &'static [(&'static str, &'static str)];

const PAGE: Fields = &[
    ("title", "Pots"),
    ("slug", ""),
    ("teaser", "About pots."),
    ("body", "Wash them."),
    ("accessMode", "PAID"),
    ("price", "12.50"),
    ("currency", "usd"),
];
const OFFER: Fields = &[
    ("title", "Together"),
    ("slug", ""),
    ("pageSlug", "guide"),
    ("price", "9.50"),
    ("targetQuantity", "3"),
    ("maxQuantity", "5"),
    ("deadline", ""),
    ("offerDays", "7"),
    ("description", ""),
];
const SETTINGS: Fields = &[
    ("name", "Ada’s pots"),
    ("description", ""),
    ("picture", ""),
    ("supportEmail", "ada@example.com"),
    ("mailFooter", ""),
    ("secondPayments", "REFUND"),
    ("frontendOrigins", "https://shop.example"),
];
const HANDLE: Fields = &[("name", "Pots"), ("handle", "pots")];
const PERSON: Fields = &[("email", "bob@example.com"), ("page", "guide")];

/// The fields that the summary of a screen leads to.
fn wrong(screen: &Reply) -> Vec<&str> {
    let summary = screen.body.split("<section class=\"summary\"").nth(1).unwrap_or_default();
    let summary = summary.split("</section>").next().unwrap_or_default();
    summary.split("<a href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[actix_web::test]
async fn only_the_field_that_is_wrong_has_an_error() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for (path, form, field, value) in [
        ("/ada/pages/new", PAGE, "title", ""),
        ("/ada/pages/new", PAGE, "title", "a\nb"),
        ("/ada/pages/new", PAGE, "slug", "a b"),
        ("/ada/pages/new", PAGE, "slug", "guide"),
        ("/ada/pages/new", PAGE, "teaser", "a\u{0}b"),
        ("/ada/pages/new", PAGE, "body", "a\u{0}b"),
        ("/ada/pages/new", PAGE, "accessMode", ""),
        ("/ada/pages/new", PAGE, "price", "0.10"),
        ("/ada/pages/new", PAGE, "currency", "doge"),
        ("/ada/pages/guide", PAGE, "title", ""),
        ("/ada/pages/guide", PAGE, "currency", "doge"),
        ("/ada/new-group-buy", OFFER, "title", ""),
        ("/ada/new-group-buy", OFFER, "slug", "a b"),
        ("/ada/new-group-buy", OFFER, "pageSlug", ""),
        ("/ada/new-group-buy", OFFER, "price", ""),
        ("/ada/new-group-buy", OFFER, "targetQuantity", ""),
        ("/ada/new-group-buy", OFFER, "targetQuantity", "1000001"),
        ("/ada/new-group-buy", OFFER, "maxQuantity", "1000001"),
        ("/ada/new-group-buy", OFFER, "deadline", "tomorrow"),
        ("/ada/new-group-buy", OFFER, "offerDays", "31"),
        ("/ada/settings", SETTINGS, "name", ""),
        ("/ada/settings", SETTINGS, "picture", "nothing"),
        ("/ada/settings", SETTINGS, "supportEmail", "nobody"),
        ("/ada/settings", SETTINGS, "frontendOrigins", "shop"),
        ("/new-handle", HANDLE, "name", ""),
        ("/new-handle", HANDLE, "handle", "a b"),
        ("/ada/people/grant", PERSON, "email", "nobody"),
        ("/ada/people/grant", PERSON, "page", ""),
    ] {
        let fields = form.iter().map(|(name, good)| (*name, *good));
        let fields: Vec<_> =
            fields.map(|(name, good)| (name, if name == field { value } else { good })).collect();
        let reply = ada.post(path, &fields).await;
        assert!(reply.status.is_client_error(), "{path} {field}: {value}");
        assert_eq!(wrong(&reply), [field], "{path}: {value}");
    }
}

#[actix_web::test]
async fn price_that_is_missing_or_wrong_is_told_beside_the_rest() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for (price, told) in [("", "needs a price"), ("0.10", "The least amount is $0.50")] {
        for path in ["/ada/pages/new", "/ada/pages/guide"] {
            let form =
                [("title", ""), ("accessMode", "PAID"), ("price", price), ("currency", "usd")];
            let reply = ada.post(path, &form).await;
            assert_eq!(wrong(&reply), ["title", "price"], "{path}: {price}");
            assert!(reply.body.contains(told), "{path}: {price}");
        }
    }
}
