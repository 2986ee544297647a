//! The console: group buys.

mod activation;

use tollgate_domain::{creators::Password, group_buys::OwnedGroupBuy, token::Token};
use tollgate_domain_testing::{Shop, a_page};

use crate::{
    console_browser::{APP, Browser},
    support::{Reply, TestApp},
};

const LIST: &str = "/ada/group-buys";
const NEW: &str = "/ada/new-group-buy";
const IT: &str = "/ada/group-buys/together";

const TOGETHER: [(&str, &str); 9] = [
    ("title", "Together"),
    ("pageSlug", "guide"),
    ("price", "9,50"),
    ("targetQuantity", "3"),
    ("maxQuantity", ""),
    ("deadline", ""),
    ("offerDays", "7"),
    ("description", "Cheaper\r\nfor all."),
    ("slug", ""),
];

/// The form of a new group buy with other values in some fields.
fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let value = |name: &str| changes.iter().find(|(changed, _)| *changed == name);
    let field = |(name, usual): (&'a str, &'a str)| (name, value(name).map_or(usual, |it| it.1));
    TOGETHER.into_iter().map(field).collect()
}

/// A shop with the group buy `together`.
async fn together<'a>(app: &'a TestApp, changes: &[(&str, &str)]) -> (Shop, Browser<'a>) {
    let shop = app.shop().await;
    let ada = Browser::of(app, "ada").await;
    ada.submit(NEW, &with(changes)).await;
    (shop, ada)
}

async fn stored(app: &TestApp, shop: &Shop) -> OwnedGroupBuy {
    let (name, slug) = (&shop.handle.name, "together".parse().unwrap());
    app.domain.group_buys.owned(&shop.creator, name, &slug).await.unwrap()
}

async fn joins(app: &TestApp, shop: &Shop, address: &str, quantity: i64) -> Token {
    let session = app.domain.sign_in(address).await;
    let visitor = app.domain.visitor(&session).await.id;
    let (slug, quantity) = ("together".parse().unwrap(), quantity.to_string().parse().unwrap());
    app.domain.offers.express(&shop.handle.name, &slug, visitor, quantity).await.unwrap();
    session
}

fn error<'a>(reply: &'a Reply, field: &str) -> &'a str {
    let before = format!("id=\"{field}-error\">");
    let after = reply.body.split(&before).nth(1);
    after.map_or("", |rest| rest.split('<').next().unwrap())
}

#[actix_web::test]
async fn list_teaches_while_it_is_empty() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let list = ada.get(LIST).await.body;
    assert!(list.contains("<div class=\"empty\">") && list.contains("href=\"/ada/new-group-buy\""));
}

#[actix_web::test]
async fn group_buy_is_made_and_listed_with_its_progress() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[("deadline", "2030-01-31T12:00")]).await;
    let made = stored(&app, &shop).await.details.view.group_buy;
    assert_eq!((made.price.amount, made.target_quantity, made.offer_days), (950, 3, 7));
    assert_eq!(made.deadline.unwrap().to_string(), "2030-01-31T12:00:00Z");
    assert_eq!(made.description, "Cheaper\nfor all.");
    joins(&app, &shop, "bob@example.com", 2).await;
    let list = ada.get(LIST).await.body;
    assert!(list.contains("<a href=\"/ada/group-buys/together\"><bdi>Together</bdi></a>"));
    assert!(
        list.contains("Quantity wanted: 2, target: 3<progress value=\"2\" max=\"3\""),
        "{list}"
    );
    assert!(
        list.contains("Collecting interest") && list.contains(" days left (31 January 2030)"),
        "{list}"
    );
    let screen = ada.get(IT).await.body;
    assert!(screen.contains("One more is needed") && screen.contains("bob@example.com"));
    assert!(screen.contains("$9.50 instead of $12.00"), "{screen}");
    assert!(screen.contains("http://ada.tollgate.localhost:8080/-/group-buys/together"));
}

#[actix_web::test]
async fn list_and_screen_say_when_a_group_buy_ended() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[("deadline", "2026-01-15T12:00")]).await;
    app.domain.clock.advance_seconds(20 * 24 * 3600);
    let missed = ada.get(LIST).await.body;
    let deadline = "<time datetime=\"2026-01-15T12:00:00Z\">";
    assert!(missed.contains(&format!("Ended on {deadline}")), "{missed}");
    assert!(!missed.contains("No end set"), "{missed}");
    let screen = ada.get(IT).await.body;
    assert!(screen.contains(&format!("<dt>Deadline</dt><dd>{deadline}")), "{screen}");

    let later = [("title", "Later"), ("slug", "later"), ("deadline", "")];
    ada.submit(NEW, &with(&later)).await;
    assert!(ada.get(LIST).await.body.contains("No end set"));
    ada.submit("/ada/group-buys/later/cancel", &[]).await;
    let list = ada.get(LIST).await.body;
    assert!(list.matches("Ended on <time").count() == 2 && !list.contains("No end set"), "{list}");
    assert!(ada.get("/ada/group-buys/later").await.body.contains("<dt>Called off</dt><dd><time"));

    let soon = [("title", "Soon"), ("slug", "soon"), ("deadline", "2026-02-20T12:00")];
    ada.submit(NEW, &with(&soon)).await;
    let slug = "soon".parse().unwrap();
    let session = app.domain.sign_in("bob@example.com").await;
    let visitor = app.domain.visitor(&session).await.id;
    let three = "3".parse().unwrap();
    app.domain.offers.express(&shop.handle.name, &slug, visitor, three).await.unwrap();
    app.domain.clock.advance_seconds(40 * 24 * 3600);
    let ada = Browser::of(&app, "ada").await;
    assert!(ada.get(LIST).await.body.contains("Closed since <time"));
}

#[actix_web::test]
async fn full_group_buy_waits_for_nobody_more() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[("maxQuantity", "4")]).await;
    joins(&app, &shop, "bob@example.com", 3).await;
    assert!(ada.get(IT).await.body.contains("or wait for more"));
    joins(&app, &shop, "carol@example.com", 1).await;
    let full = ada.get(IT).await.body;
    assert!(full.contains("As many want it as can join."), "{full}");
    assert!(!full.contains("or wait for more"), "{full}");
}

#[actix_web::test]
async fn slug_of_the_title_gets_a_number_if_it_is_taken() {
    let app = TestApp::new();
    let (_, ada) = together(&app, &[]).await;
    let again = ada.post(NEW, &with(&[])).await;
    assert_eq!(again.header("location"), "/ada/group-buys/together", "the form was sent twice");
    let another = ada.post(NEW, &with(&[("targetQuantity", "4")])).await;
    assert_eq!(another.header("location"), "/ada/group-buys/together-2");
    let longer = ada.post(NEW, &with(&[("offerDays", "14")])).await;
    assert_eq!(longer.header("location"), "/ada/group-buys/together-3");
    let usual = ada.post(NEW, &with(&[("offerDays", "14"), ("title", "Long")])).await;
    assert_eq!(usual.header("location"), "/ada/group-buys/long");
    let unset = ada.post(NEW, &with(&[("offerDays", ""), ("title", "Long")])).await;
    assert_eq!(unset.header("location"), "/ada/group-buys/long-2", "seven days, not fourteen");
    ada.post("/ada/group-buys/together/cancel", &[]).await;
    let after = ada.post(NEW, &with(&[])).await;
    assert_eq!(after.header("location"), "/ada/group-buys/together-4", "the first was cancelled");
    app.domain.clock.advance_seconds(600);
    let later = ada.post(NEW, &with(&[])).await;
    assert_eq!(later.header("location"), "/ada/group-buys/together-5");
    let new = ada.post(NEW, &with(&[("title", "New")])).await;
    assert_eq!(new.header("location"), "/ada/group-buys/new");
    assert_eq!(ada.follow(new).await.status, 200);
    let foreign = ada.post(NEW, &with(&[("title", "متجر")])).await;
    assert_eq!(foreign.header("location"), "/ada/group-buys/group-buy");
    let typed = ada.post(NEW, &with(&[("slug", "together")])).await;
    assert!(typed.status == 422 && error(&typed, "slug").contains("already"), "{}", typed.body);
}

#[actix_web::test]
async fn form_with_errors_is_shown_again() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let long = "x".repeat(201);
    for (field, typed, told) in [
        ("title", "", "fill this in"),
        ("title", &*long, "at most 200"),
        ("pageSlug", "", "choose a page"),
        ("pageSlug", "none", "choose a page"),
        ("price", "", "9.50"),
        ("price", "<b>12 €", "12.50"),
        ("price", "0.10", "least amount is $0.50"),
        ("price", "13", "more than the price of the page"),
        ("targetQuantity", "", "whole number"),
        ("targetQuantity", "2.5", "whole number"),
        ("targetQuantity", "0", "from 1 to"),
        ("targetQuantity", "99999999999999999999", "from 1 to 1,000,000."),
        ("maxQuantity", "99999999999999999999", "from 1 to 1,000,000."),
        ("maxQuantity", "many", "whole number"),
        ("maxQuantity", "2", "less than the target"),
        ("deadline", "soon", "a day and a time"),
        ("deadline", "2001-01-01T00:00", "in the future"),
        ("deadline", "9999-12-31T23:59", "within the next 5 years"),
        ("offerDays", "31", "from 1 to 30"),
        ("offerDays", "-99999999999999999999", "from 1 to 30"),
        ("slug", "Über", "lower-case"),
    ] {
        let reply = ada.post(NEW, &with(&[(field, typed)])).await;
        assert_eq!(reply.status, 422, "{field}: {typed}");
        let error = error(&reply, field);
        if (field, typed) == ("price", "") || typed.starts_with('<') {
            assert!(!error.is_empty(), "{field}: {typed}");
        } else {
            assert!(error.contains(told), "{field}: {typed}: {error}");
        }
        assert!(!reply.body.contains("<b>12"));
        assert!(field == "title" || reply.body.contains("value=\"Together\""), "{field}");
    }
    assert!(ada.get(LIST).await.body.contains("<div class=\"empty\">"));
}

#[actix_web::test]
async fn all_wrong_fields_are_told_at_once_in_the_order_of_the_form() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[]).await;
    let reply = ada
        .post(
            NEW,
            &with(&[
                ("title", ""),
                ("price", "13"),
                ("targetQuantity", "many"),
                ("maxQuantity", "0"),
                ("deadline", "2001-01-01T00:00"),
                ("offerDays", "31"),
                ("slug", "together"),
            ]),
        )
        .await;
    assert_eq!(reply.status, 422);
    let fields =
        ["title", "price", "targetQuantity", "maxQuantity", "deadline", "offerDays", "slug"];
    for field in fields {
        assert!(!error(&reply, field).is_empty(), "{field}: {}", reply.body);
    }
    let places = fields.map(|field| reply.body.find(&format!("href=\"#{field}\"")).unwrap());
    assert!(places.is_sorted(), "{places:?}");

    joins(&app, &shop, "bob@example.com", 3).await;
    let wrong = [
        ("price", "13"),
        ("targetQuantity", "2"),
        ("maxQuantity", "2"),
        ("deadline", "2001-01-01T00:00"),
        ("offerDays", "x"),
    ];
    let reply = ada.post(&format!("{IT}/edit"), &with(&wrong)).await;
    for field in ["price", "maxQuantity", "deadline", "offerDays"] {
        assert!(!error(&reply, field).is_empty(), "{field}: {}", reply.body);
    }
}

#[actix_web::test]
async fn price_that_is_not_an_amount_is_told_without_a_page_too() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for (price, told) in
        [("abc", "This is not an amount."), ("", "Please fill this in."), ("9", "")]
    {
        let reply = ada.post(NEW, &with(&[("pageSlug", ""), ("price", price)])).await;
        assert_eq!(reply.status, 422, "{price}");
        assert!(!error(&reply, "pageSlug").is_empty(), "{price}: {}", reply.body);
        assert!(error(&reply, "price").starts_with(told), "{price}: {}", reply.body);
        assert_eq!(reply.body.contains("href=\"#price\""), !told.is_empty(), "{price}");
    }
}

#[actix_web::test]
async fn numbers_are_read_with_the_digits_of_any_script() {
    let app = TestApp::new();
    let arabic = [("price", "٩٫٥٠"), ("targetQuantity", "٣"), ("offerDays", "１２")];
    let (shop, _) = together(&app, &arabic).await;
    let made = stored(&app, &shop).await.details.view.group_buy;
    assert_eq!((made.price.amount, made.target_quantity, made.offer_days), (950, 3, 12));
}

#[actix_web::test]
async fn shop_without_a_priced_page_is_led_to_its_pages() {
    let app = TestApp::new();
    let shop = app.domain.shop("ada").await;
    app.domain.page(&shop, a_page().published()).await;
    let ada = Browser::of(&app, "ada").await;
    let screen = ada.get(NEW).await.body;
    assert!(
        screen.contains("href=\"/ada/pages\">To your pages") && !screen.contains("name=\"price\"")
    );
}

#[actix_web::test]
async fn terms_change_until_the_activation_and_texts_until_the_end() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[("deadline", "2030-01-31T12:00")]).await;
    let edit = format!("{IT}/edit");
    let form = ada.get(&edit).await.body;
    assert!(form.contains("value=\"9.50\"") && form.contains("value=\"2030-01-31T12:00\""));
    joins(&app, &shop, "bob@example.com", 3).await;
    let few = ada.post(&edit, &with(&[("maxQuantity", "2"), ("targetQuantity", "2")])).await;
    assert!(few.status == 422 && error(&few, "maxQuantity").contains('3'), "{}", few.body);
    let fields = with(&[("title", "Closer"), ("price", "8"), ("maxQuantity", "20")]);
    ada.submit(&edit, &fields).await;
    let changed = stored(&app, &shop).await.details.view.group_buy;
    assert_eq!((&*changed.title, changed.price.amount), ("Closer", 800));
    assert_eq!((changed.max_quantity, changed.deadline), (Some(20), None));
    ada.submit(&format!("{IT}/activate"), &[]).await;
    let form = ada.get(&edit).await.body;
    assert!(!form.contains("name=\"price\"") && form.contains("name=\"title\""));
    ada.submit(&edit, &[("title", "Closest"), ("description", "")]).await;
    let changed = stored(&app, &shop).await.details.view.group_buy;
    assert_eq!((&*changed.title, changed.price.amount), ("Closest", 800));
}

#[actix_web::test]
async fn creator_whose_address_is_not_proved_is_told_what_to_do() {
    let app = TestApp::new();
    let new = Browser::new(&app);
    let login = [("email", "new@creators.example"), ("password", "correct horse")];
    new.submit("/sign-up", &login).await;
    new.submit("/new-handle", &[("handle", "new-shop"), ("name", "New")]).await;
    let (email, password) = (login[0].1.parse().unwrap(), login[1].1.to_owned());
    let password = Password::new(password).unwrap();
    let login = app.domain.accounts.login(&email, &password, "192.0.2.9").await;
    let creator = login.unwrap().creator;
    let name = "new-shop".parse().unwrap();
    let handle = app.domain.handles.owned(&creator, &name).await.unwrap();
    let page = a_page().slug("guide").paid(1200, "usd").published().new_page();
    app.domain.pages.create(&creator, &name, page).await.unwrap();
    new.submit("/new-shop/new-group-buy", &with(&[])).await;
    let account = app.domain.shop("ada").await.account;
    let shop = Shop { creator, handle, account };
    joins(&app, &shop, "bob@example.com", 3).await;
    for end in ["/activate", "/cancel"] {
        let path = format!("/new-shop/group-buys/together{end}");
        for reply in [new.get(&path).await, new.post(&path, &[]).await] {
            assert!(reply.body.contains("action=\"/verify-email/resend?tab=new\""), "{path}");
        }
        let refused = new.post(&path, &[]).await;
        assert_eq!(refused.status, 422, "{path}");
        let told = "Please confirm your e-mail address first.";
        assert_eq!(refused.body.matches(told).count(), 1, "{path}: {}", refused.body);
    }
    let asked = new.get("/new-shop/group-buys/together/activate").await.body;
    assert!(asked.contains(" disabled ") && asked.contains("You cannot take payments yet"));
    assert!(stored(&app, &shop).await.details.status.is_pending());
}

#[actix_web::test]
async fn screens_of_a_group_buy_are_closed_to_others() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[]).await;
    joins(&app, &shop, "bob@example.com", 3).await;
    app.domain.shop("eve").await;
    let eve = Browser::of(&app, "eve").await;
    for end in ["", "/edit", "/activate", "/cancel"] {
        let path = format!("{IT}{end}");
        assert_eq!(eve.get(&path).await.status, 404, "{path}");
        assert_eq!(Browser::new(&app).get(&path).await.status, 303, "{path}");
        if !end.is_empty() {
            assert_eq!(eve.post(&path, &with(&[])).await.status, 404, "{path}");
            let call = app.post(APP, &path).with("cookie", &ada.cookies());
            let call = call.with("origin", "http://ada.tollgate.localhost:8080");
            let call = call.body("application/x-www-form-urlencoded", "title=Mine");
            assert_eq!(call.send().await.status, 403, "{path}");
        }
    }
    let kept = stored(&app, &shop).await;
    assert!(kept.details.status.is_pending() && kept.details.view.group_buy.title == "Together");
    assert_eq!(ada.get("/ada/group-buys/none").await.status, 404);
}

#[actix_web::test]
async fn screens_are_complete_in_german() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[("deadline", "2030-01-31T12:00")]).await;
    joins(&app, &shop, "bob@example.com", 3).await;
    for path in [LIST, NEW, IT, &format!("{IT}/edit"), &format!("{IT}/activate")] {
        let call = app.get(APP, path).with("cookie", &ada.cookies());
        let reply = call.with("accept-language", "de").send().await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(!reply.body.contains("console-") && reply.body.contains("Gruppenk"), "{path}");
        assert_eq!(reply.body.matches("<h1").count(), 1, "{path}");
    }
}
