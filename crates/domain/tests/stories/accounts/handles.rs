//! The handles of a creator.

use tollgate_domain::{
    creators::{
        FrontendOrigin, HandleChange, HandleError, QuotaExceeded, Quotas, ports::CreatorReads,
    },
    validation::Field,
    version::BasedOn,
};
use tollgate_domain_testing::{TestApp, email};

use crate::{ADA, at_once};

#[pollster::test]
async fn a_handle_of_somebody_else_is_not_found() {
    let app = TestApp::new();
    let ada = app.shop("ada").await;
    let eve = app.shop("eve").await;
    let name = &ada.handle.name;
    assert!(app.handles.settings(&ada.creator, name).await.is_ok());
    let foreign = app.handles.settings(&eve.creator, name).await;
    assert!(matches!(foreign, Err(HandleError::NotFound)));
    let change = |title: &str| HandleChange { title: Some(title.into()), ..Default::default() };
    let foreign = app.handles.change(&eve.creator, name, change("Mine"), &BasedOn::Any).await;
    assert!(matches!(foreign, Err(HandleError::NotFound)));
    let taken = app.handles.create(&eve.creator, name.clone(), "Mine").await;
    assert!(matches!(taken, Err(HandleError::Taken)));
    assert_eq!(app.store.handle(name).await.unwrap(), Some(ada.handle.clone()));
    let renamed =
        app.handles.change(&ada.creator, name, change("Better"), &BasedOn::Any).await.unwrap();
    assert_eq!(renamed.handle.title, "Better");
    assert_eq!(app.store.handle(name).await.unwrap(), Some(renamed.handle));
    let invalid = app.handles.change(&ada.creator, name, change(""), &BasedOn::Any).await;
    assert!(matches!(invalid, Err(HandleError::Invalid(_))));
}

#[pollster::test]
async fn an_outdated_change_of_a_handle_is_refused() {
    let app = TestApp::new();
    let ada = app.shop("ada").await;
    let name = &ada.handle.name;
    let origin: FrontendOrigin = "https://shop.example.com".parse().unwrap();
    let changes = [
        HandleChange { title: Some("Better".into()), ..Default::default() },
        HandleChange { support_email: Some(Some(email(ADA))), ..Default::default() },
        HandleChange { tax_id: Some(true), ..Default::default() },
        HandleChange { frontend_origins: Some(vec![origin]), ..Default::default() },
    ];
    for change in changes {
        let seen = app.handles.settings(&ada.creator, name).await.unwrap();
        let based_on = BasedOn::from(seen.version());
        let try_change =
            async || app.handles.change(&ada.creator, name, change.clone(), &based_on).await;
        let changed = try_change().await.unwrap();
        assert_ne!(changed.version(), seen.version(), "{change:?}");
        assert!(matches!(try_change().await, Err(HandleError::VersionConflict)), "{change:?}");
        // The same once more changes nothing.
        let again = app.handles.change(&ada.creator, name, change, &BasedOn::Any).await.unwrap();
        assert_eq!(again.version(), changed.version());
    }
}

#[pollster::test]
async fn a_handle_has_at_most_twenty_origins_and_each_once() {
    let app = TestApp::new();
    let ada = app.shop("ada").await;
    let origins = |count: usize| -> Vec<FrontendOrigin> {
        (0..count).map(|n| format!("https://a{}.example", n % 21).parse().unwrap()).collect()
    };
    let set = async |origins| {
        let change = HandleChange { frontend_origins: Some(origins), ..HandleChange::default() };
        app.handles.change(&ada.creator, &ada.handle.name, change, &BasedOn::Any).await
    };
    let doubled = [origins(20), origins(20)].concat();
    assert_eq!(set(doubled).await.unwrap().frontend_origins, origins(20));
    let Err(HandleError::Invalid(fields)) = set(origins(21)).await else { panic!() };
    assert!(fields.fields().contains_key(&Field::FrontendOrigins));
    let settings = app.handles.settings(&ada.creator, &ada.handle.name).await.unwrap();
    assert_eq!(settings.frontend_origins, origins(20));
}

#[pollster::test]
async fn a_creator_has_at_most_as_many_handles_as_the_quota_says() {
    let quotas = Quotas { max_handles: 3, ..Quotas::default() };
    let app = TestApp::new().with_quotas(quotas);
    let creator = app.creator(ADA).await;
    let results = at_once(8, |number| {
        let (app, creator) = (app.clone(), creator.clone());
        async move {
            let name = format!("shop-{number}").parse().unwrap();
            app.handles.create(&creator, name, "A shop").await
        }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 3);
    let exceeded = |result: &&Result<_, _>| {
        matches!(result, Err(HandleError::QuotaExceeded(QuotaExceeded::Handles(3))))
    };
    assert_eq!(results.iter().filter(exceeded).count(), 5);
    let eve = app.creator("eve@creators.example").await;
    assert!(app.handles.create(&eve, "eves-shop".parse().unwrap(), "A shop").await.is_ok());
}
