//! What creators set up for their handles.

use super::fixture::{Begin, Fixture, parallel};
use crate::{a_file, an_email, at};
use tollgate_domain::{
    creators::{FrontendOrigin, Handle, HandleChange, HandleSettings, SecondPayments},
    files::{File, FileAccess},
    id::HandleId,
    mail::HandleTexts,
    payments::PaymentExtras,
    store::Stores,
};

fn origin(text: &str) -> FrontendOrigin {
    text.parse().unwrap()
}

async fn change(on: &Stores, id: HandleId, change: HandleChange) {
    on.commit(async |unit| unit.handles().change(id, &change).await).await;
}

pub async fn the_settings_of_a_handle_come_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (on, id) = (&fixture.on, fixture.handle.id);
    let texts = async || on.creators.handle(&fixture.handle.name).await.unwrap().unwrap().texts;
    assert_eq!(texts().await, HandleTexts::default());
    let help = an_email();
    let set = HandleChange {
        support_email: Some(Some(help.clone())),
        mail_footer: Some(Some("Ada's \u{2603}\nMill Lane".into())),
        ..HandleChange::default()
    };
    change(on, id, set).await;
    let footer = Some("Ada's \u{2603}\nMill Lane".to_owned());
    let expected = HandleTexts { support_email: Some(help), mail_footer: footer.clone() };
    assert_eq!(texts().await, expected);
    change(on, id, HandleChange::default()).await;
    assert_eq!(texts().await, expected);
    let unset = HandleChange { support_email: Some(None), ..HandleChange::default() };
    change(on, id, unset).await;
    assert_eq!(texts().await, HandleTexts { support_email: None, mail_footer: footer });
}

/// They are what the provider does besides, and each is set on its own.
pub async fn wishes_of_a_handle_come_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (on, id) = (&fixture.on, fixture.handle.id);
    let extras = async || on.creators.handle(&fixture.handle.name).await.unwrap().unwrap().extras;
    assert_eq!(extras().await, PaymentExtras::default());
    change(on, id, HandleChange { tax_id: Some(true), ..HandleChange::default() }).await;
    assert_eq!(extras().await, PaymentExtras { tax_id: true, ..PaymentExtras::default() });
    let both =
        HandleChange { invoice: Some(true), automatic_tax: Some(true), ..HandleChange::default() };
    change(on, id, both).await;
    let all = PaymentExtras { invoice: true, automatic_tax: true, tax_id: true };
    assert_eq!(extras().await, all);
    change(on, id, HandleChange { automatic_tax: Some(false), ..HandleChange::default() }).await;
    assert_eq!(extras().await, PaymentExtras { automatic_tax: false, ..all });
}

/// It stays until it is changed, and is for this handle only.
pub async fn what_becomes_of_second_payments_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    let stored = async |handle: &Handle| {
        let handle = fixture.on.creators.handle(&handle.name).await.unwrap().unwrap();
        handle.second_payments
    };
    assert_eq!(stored(&fixture.handle).await, SecondPayments::Refund);
    for (wish, expected) in [
        (Some(SecondPayments::Hold), SecondPayments::Hold),
        (None, SecondPayments::Hold),
        (Some(SecondPayments::Refund), SecondPayments::Refund),
    ] {
        let wish = HandleChange { second_payments: wish, ..HandleChange::default() };
        change(&fixture.on, fixture.handle.id, wish).await;
        assert_eq!(stored(&fixture.handle).await, expected);
        assert_eq!(stored(&other).await, SecondPayments::Refund);
    }
}

/// The settings are as the unit itself has changed them.
pub async fn a_locked_handle_comes_with_its_settings(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (id, origins) = (fixture.handle.id, vec![origin("https://shop.example")]);
    let mut unit = fixture.on.begin().await;
    let before = HandleSettings { handle: fixture.handle.clone(), frontend_origins: vec![] };
    assert_eq!(unit.handles().lock(id).await.unwrap(), Some(before.clone()));
    let wish = HandleChange { frontend_origins: Some(origins.clone()), ..HandleChange::default() };
    unit.handles().change(id, &wish).await.unwrap();
    let after = HandleSettings { frontend_origins: origins, ..before };
    assert_eq!(unit.handles().lock(id).await.unwrap(), Some(after));
    unit.commit().await.unwrap();
    let unknown = crate::a_handle().of(&fixture.creator).build().id;
    assert_eq!(fixture.on.begin().await.handles().lock(unknown).await.unwrap(), None);
}

/// The picture is replaced only if the given one is the stored one.
pub async fn a_picture_is_replaced_by_another_or_none(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (on, id) = (&fixture.on, fixture.handle.id);
    let [one, two] = ["one", "two"].map(crate::slug);
    let shown = Some(Some(one.clone()));
    change(on, id, HandleChange { picture: shown, ..HandleChange::default() }).await;
    for (from, to, expected) in [
        (&two, None, Some(&one)),
        (&one, Some(&two), Some(&two)),
        (&one, None, Some(&two)),
        (&two, None, None),
        (&two, Some(&one), None),
    ] {
        on.commit(async |unit| unit.handles().replace_picture(id, from, to.cloned()).await).await;
        let stored = on.creators.handle(&fixture.handle.name).await.unwrap().unwrap().picture;
        assert_eq!(stored.as_ref(), expected);
    }
}

/// An origin is found among those of its handle and among those of all handles, until the handle no longer names it.
pub async fn an_origin_is_known_while_it_is_registered(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    let (shop, app) = (origin("https://shop.example"), origin("http://localhost:3000"));
    let register =
        |origins| HandleChange { frontend_origins: Some(origins), ..HandleChange::default() };
    let known = async |origin: &FrontendOrigin, handle: Option<&Handle>| {
        let handle = handle.map(|handle| handle.name.clone());
        fixture.on.creators.is_frontend_origin(origin, handle).await.unwrap()
    };
    assert!(!known(&shop, None).await);
    change(&fixture.on, fixture.handle.id, register(vec![shop.clone(), app.clone()])).await;
    change(&fixture.on, other.id, register(vec![app.clone()])).await;
    assert!(known(&shop, None).await && known(&shop, Some(&fixture.handle)).await);
    assert!(!known(&shop, Some(&other)).await);
    assert!(known(&app, Some(&other)).await && known(&app, Some(&fixture.handle)).await);
    assert!(!known(&origin("https://shop.example:8443"), None).await);
    let origins = fixture.on.creators.frontend_origins(fixture.handle.id).await.unwrap();
    assert_eq!(origins, vec![shop.clone(), app.clone()]);
    change(&fixture.on, fixture.handle.id, register(vec![app.clone()])).await;
    assert!(!known(&shop, None).await);
    change(&fixture.on, fixture.handle.id, register(vec![])).await;
    assert!(!known(&app, Some(&fixture.handle)).await && known(&app, None).await);
    assert_eq!(fixture.on.creators.frontend_origins(fixture.handle.id).await.unwrap(), vec![]);
}

/// Each of them is told, and no other.
pub async fn handles_of_an_origin_are_those_that_registered_it(on: Stores) {
    let fixture = Fixture::new(on).await;
    let second = fixture.another_handle().await;
    let (shop, other) = (origin("https://shop.example"), origin("https://other.example"));
    let handles = async |origin: &FrontendOrigin| {
        let mut handles = fixture.on.creators.handles_of_origin(origin).await.unwrap();
        handles.sort_unstable();
        handles
    };
    let only = async |origin: &FrontendOrigin| {
        fixture.on.creators.only_handle_of_origin(origin).await.unwrap()
    };
    assert_eq!(handles(&shop).await, []);
    assert_eq!(only(&shop).await, None);
    for (handle, origins) in
        [(&fixture.handle, vec![shop.clone()]), (&second, vec![other.clone(), shop.clone()])]
    {
        let origins = HandleChange { frontend_origins: Some(origins), ..HandleChange::default() };
        change(&fixture.on, handle.id, origins).await;
    }
    let mut both = [fixture.handle.id, second.id];
    both.sort_unstable();
    assert_eq!(handles(&shop).await, both);
    assert_eq!(handles(&other).await, [second.id]);
    assert_eq!(only(&shop).await, None, "two have it");
    assert_eq!(only(&other).await, Some(second.name));
}

/// The origins are never some of one change and some of another.
pub async fn of_parallel_changes_of_origins_one_is_there(on: Stores) {
    let fixture = Fixture::new(on).await;
    let wished = |number: usize| -> Vec<FrontendOrigin> {
        ["a", "b", "c"].map(|part| origin(&format!("https://{part}{number}.example"))).into()
    };
    parallel(8, async |number| {
        let frontend_origins = Some(wished(number));
        let wish = HandleChange { frontend_origins, ..HandleChange::default() };
        change(&fixture.on, fixture.handle.id, wish).await;
    })
    .await;
    let found = fixture.on.creators.frontend_origins(fixture.handle.id).await.unwrap();
    assert!((0..8).any(|number| found == wished(number)), "{found:?}");
}

/// Only those that everybody may open, however many other files are newer.
pub async fn the_pictures_of_a_handle_are_listed_newest_first(on: Stores) {
    let fixture = Fixture::new(on).await;
    let pictures = async |limit| {
        let found = fixture.on.files.public_pictures(fixture.handle.id, limit).await.unwrap();
        found.into_iter().map(|file| file.created_at).collect::<Vec<_>>()
    };
    assert!(pictures(9).await.is_empty());
    let elsewhere = fixture.another_handle().await;
    let (here, public) = (&fixture.handle, FileAccess::Public);
    for (second, handle, access, media) in [
        (1, here, public, Some("image/png 640x480")),
        (3, here, public, Some("image/gif")),
        (2, here, public, Some("image/jpeg")),
        (4, here, FileAccess::Allowlist, Some("image/png")),
        (5, here, public, Some("audio/mpeg")),
        (6, here, public, None),
        (7, &elsewhere, public, Some("image/png")),
    ] {
        let media = media.map(|text| text.parse().unwrap());
        let file = a_file().of(handle).created_at(at(second)).build();
        let file = File { access, media, ..file };
        assert!(fixture.reserve(&file, at(60)).await && fixture.complete(&file).await);
    }
    let uploading = File { media: "image/png".parse().ok(), ..a_file().of(here).build() };
    assert!(fixture.reserve(&uploading, at(60)).await);
    assert_eq!(pictures(9).await, [3, 2, 1].map(at));
    assert_eq!(pictures(2).await, [3, 2].map(at));
}
