//! Connecting a payment account.

use tollgate_domain::{
    checkout::{AccountState, ConnectError, ConnectStatus, PaymentsError},
    creators::{Creator, HandleName},
    testing::{Call, Fault, World, handle_name},
};

use crate::{ADA, at_once};

const BACK: &str = "https://app.example/back";

async fn handle(world: &World) -> (Creator, HandleName) {
    let creator = world.creator(ADA).await;
    let handle = world.handles.create(&creator, handle_name("ada"), "Ada").await.unwrap();
    (creator, handle.name)
}

async fn begin(
    world: &World,
    creator: &Creator,
    name: &HandleName,
) -> Result<String, ConnectError> {
    world.connect.begin(creator, name, BACK, BACK).await
}

#[pollster::test]
async fn a_handle_is_connected_step_by_step() {
    let world = World::new();
    let (creator, name) = handle(&world).await;
    assert_eq!(world.connect.status(&creator, &name).await.unwrap(), None);
    assert_eq!(world.connect.refresh(&name).await.unwrap(), ConnectStatus::NotConnected);
    begin(&world, &creator, &name).await.unwrap();
    assert_eq!(world.connect.refresh(&name).await.unwrap(), ConnectStatus::Onboarding);
    let account = world.connect.status(&creator, &name).await.unwrap().unwrap().account;
    let submitted = AccountState { details_submitted: true, ..AccountState::default() };
    world.payments.set_account(&account, submitted);
    assert_eq!(world.connect.refresh(&name).await.unwrap(), ConnectStatus::Restricted);
    world.payments.activate(&account);
    assert_eq!(world.connect.refresh(&name).await.unwrap(), ConnectStatus::Active);
}

#[pollster::test]
async fn beginning_again_or_at_once_is_about_the_same_account() {
    let world = World::new();
    let (creator, name) = handle(&world).await;
    let links = at_once(10, |_| {
        let (world, creator, name) = (world.clone(), creator.clone(), name.clone());
        async move { begin(&world, &creator, &name).await.unwrap() }
    })
    .await;
    let account = world.connect.status(&creator, &name).await.unwrap().unwrap().account;
    assert!(links.iter().all(|link| link.contains(account.as_str())), "{links:?}");
}

#[pollster::test]
async fn a_lost_answer_makes_no_second_account() {
    for fault in [Fault::lost_request(), Fault::lost_answer()] {
        let world = World::new();
        let (creator, name) = handle(&world).await;
        world.payments.fail_next(Call::CreateAccount, fault);
        assert!(matches!(
            begin(&world, &creator, &name).await,
            Err(ConnectError::Payments(PaymentsError::Unavailable(_)))
        ));
        let first = begin(&world, &creator, &name).await.unwrap();
        let account = world.connect.status(&creator, &name).await.unwrap().unwrap().account;
        assert!(first.contains(account.as_str()));
    }
}

#[pollster::test]
async fn while_the_provider_is_away_the_last_known_state_is_told() {
    let world = World::new();
    let shop = world.shop("ada").await;
    world.payments.set_down(true);
    let told = world.connect.status(&shop.creator, &shop.handle.name).await.unwrap().unwrap();
    assert!(told.state.charges_enabled);
}

#[pollster::test]
async fn nobody_connects_somebody_elses_handle() {
    let world = World::new();
    let shop = world.shop("ada").await;
    let eve = world.creator("eve@creators.example").await;
    let name = &shop.handle.name;
    assert!(matches!(begin(&world, &eve, name).await, Err(ConnectError::HandleNotFound)));
    let status = world.connect.status(&eve, name).await;
    assert!(matches!(status, Err(ConnectError::HandleNotFound)));
    let nobody = world.connect.refresh(&handle_name("nobody")).await;
    assert!(matches!(nobody, Err(ConnectError::HandleNotFound)));
}

#[pollster::test]
async fn webhooks_about_an_account_change_what_it_can_do() {
    let world = World::new();
    let shop = world.shop("ada").await;
    assert!(world.connect.chargeable(&shop.handle).await.unwrap().is_some());
    world.payments.set_account(&shop.account, AccountState::default());
    world.deliver_webhooks().await;
    assert_eq!(world.connect.chargeable(&shop.handle).await.unwrap(), None);
    world.payments.activate(&shop.account);
    world.deliver_webhooks().await;
    assert_eq!(world.connect.chargeable(&shop.handle).await.unwrap(), Some(shop.account));
}
