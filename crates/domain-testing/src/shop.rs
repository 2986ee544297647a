//! Creators who can sell.

use std::error::Error;

use super::{FakePayments, email, handle_name};
use tollgate_domain::{
    checkout::ports::CheckoutReads,
    creators::{Creator, Handle, Password},
    payments::AccountId,
    use_cases::UseCases,
};

/// A creator who can sell.
#[derive(Debug, Clone)]
pub struct Shop {
    pub creator: Creator,
    pub handle: Handle,
    /// The account that takes the money.
    pub account: AccountId,
}

/// Opens a shop: a creator `{name}@creators.example` with the password `correct horse`, whose address is proved and whose handle
/// has an active payment account.
pub async fn open_shop(
    app: &UseCases,
    reads: &dyn CheckoutReads,
    payments: &FakePayments,
    name: &str,
) -> Result<Shop, Box<dyn Error + Send + Sync>> {
    let password = Password::new("correct horse".into())?;
    let address = email(&format!("{name}@creators.example"));
    let creator = app.accounts.create_verified(address, &password, "").await?;
    let handle = app.handles.create(&creator, handle_name(name), "A shop").await?;
    let urls = "https://app.example/connect";
    app.connect.begin(&creator, &handle.name, urls, urls).await?;
    let connected = reads.connected_account(handle.id).await?;
    let account = connected.ok_or("the account that was just connected is not there")?.account;
    payments.activate(&account);
    app.connect.refresh(&handle.name).await?;
    Ok(Shop { creator, handle, account })
}
