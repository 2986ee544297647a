//! Tokens that are mailed to creators.

use tollgate_domain::{
    creators::{AccountToken, TokenPurpose},
    store::Stores,
};

use super::fixture::{Begin, Fixture, parallel};
use crate::{a_creator, a_token_hash, at};

fn a_token(fixture: &Fixture, purpose: TokenPurpose) -> AccountToken {
    AccountToken {
        token: a_token_hash(),
        purpose,
        creator_id: fixture.creator.id,
        created_at: at(0),
        expires_at: at(10),
        used_at: None,
    }
}

async fn keep_tokens(fixture: &Fixture, tokens: &[&AccountToken]) {
    let mut unit = fixture.begin().await;
    for token in tokens {
        unit.account_tokens().insert(token).await.unwrap();
    }
    unit.commit().await.unwrap();
}

/// None of its siblings is good afterwards.
pub async fn of_parallel_uses_of_a_mailed_token_one_counts(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let [token, sibling] = [(); 2].map(|()| a_token(&fixture, TokenPurpose::ResetPassword));
    let other = a_token(&fixture, TokenPurpose::VerifyEmail);
    keep_tokens(&fixture, &[&token, &sibling, &other]).await;
    assert_eq!(on.creators.account_token(token.token).await, Ok(Some(token.clone())));
    let (hash, purpose) = (token.token, TokenPurpose::ResetPassword);
    let used = parallel(8, async |_| {
        on.commit(async |unit| unit.account_tokens().redeem(hash, purpose, at(5)).await).await
    })
    .await;
    assert_eq!(used.iter().flatten().count(), 1);
    let used_at = async |token: AccountToken| {
        on.creators.account_token(token.token).await.unwrap().unwrap().used_at
    };
    assert_eq!(used_at(token).await, Some(at(5)));
    assert_eq!(used_at(sibling).await, Some(at(5)));
    assert_eq!(used_at(other).await, None);
}

/// Tokens that were used before stay as they were, and so do those of others.
pub async fn mailed_tokens_of_a_creator_are_voided(on: Stores) {
    let (fixture, other) = (Fixture::new(on.clone()).await, Fixture::new(on.clone()).await);
    let reset = TokenPurpose::ResetPassword;
    let used = AccountToken { used_at: Some(at(1)), ..a_token(&fixture, reset) };
    let [unused, of_other] = [&fixture, &other].map(|fixture| a_token(fixture, reset));
    let proof = a_token(&fixture, TokenPurpose::VerifyEmail);
    keep_tokens(&fixture, &[&used, &unused, &proof, &of_other]).await;
    let mut unit = fixture.begin().await;
    unit.account_tokens().void_all_of(fixture.creator.id, reset, at(5)).await.unwrap();
    unit.commit().await.unwrap();
    for (token, used_at) in
        [(used, Some(at(1))), (unused, Some(at(5))), (proof, None), (of_other, None)]
    {
        let found = on.creators.account_token(token.token).await;
        assert_eq!(found, Ok(Some(AccountToken { used_at, ..token })));
    }
}

/// It is not good for another purpose at all.
pub async fn a_mailed_token_is_good_until_just_before_its_expiry(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let token = a_token(&fixture, TokenPurpose::VerifyEmail);
    keep_tokens(&fixture, &[&token]).await;
    let mut unit = fixture.begin().await;
    let tokens = unit.account_tokens();
    let other = TokenPurpose::ResetPassword;
    assert_eq!(tokens.redeem(token.token, other, at(5)).await, Ok(None));
    assert_eq!(tokens.redeem(token.token, token.purpose, at(10)).await, Ok(None));
    tokens.forget_expired(at(10), 9).await.unwrap();
    let creator = Some(fixture.creator.id);
    assert_eq!(tokens.redeem(token.token, token.purpose, at(9)).await, Ok(creator));
    tokens.forget_expired(at(11), 9).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(on.creators.account_token(token.token).await, Ok(None));
}

/// The instant of the first proof stays.
pub async fn an_address_is_proved_once(on: Stores) {
    let mut creator = a_creator().build();
    creator.email_verified_at = None;
    let mut unit = on.begin().await;
    assert!(unit.creators().insert(&creator).await.unwrap());
    unit.creators().verify_email(creator.id, at(3)).await.unwrap();
    unit.creators().verify_email(creator.id, at(4)).await.unwrap();
    unit.creators().set_password_hash(creator.id, "plain$new").await.unwrap();
    unit.commit().await.unwrap();
    creator.email_verified_at = Some(at(3));
    creator.password_hash = "plain$new".into();
    assert_eq!(on.creators.creator(creator.id).await, Ok(Some(creator)));
}
