//! Proving an address, and setting a new password by mail.

use tollgate_domain::{
    access::GrantError,
    checkout::ConnectError,
    clock::{Clock, plus_seconds},
    creators::{AccountError, Caller, Creator, HandleChange, Password},
    group_buys::{GroupBuyChange, GroupBuyError},
    language::Language,
    mail::{HandleTexts, MailContent},
    moves::MoveError,
    names::HandleName,
    paging::PageRequest,
    token::Token,
    version::BasedOn,
    visitor_auth::LinkRequest,
};
use tollgate_domain_testing::{TestApp, a_group_buy, a_page, email};

use crate::{ADA, at_once, sign_in::request};

const CLIENT: &str = "192.0.2.9";
/// The address of a page of Ada's.
const GUIDE: &str = "http://ada.tollgate.localhost:8080/guide";

fn password(text: &str) -> Password {
    Password::new(text.into()).unwrap()
}

/// The token in the last mail of its kind to Ada.
async fn mailed(app: &TestApp) -> Token {
    app.deliver_mails().await;
    let mails = app.mailer.sent_to(&email(ADA)).into_iter().rev();
    let mut links = mails.filter_map(|content| match content {
        MailContent::VerifyEmail { link, .. } | MailContent::PasswordReset { link, .. } => {
            Some(link.0)
        }
        _ => None,
    });
    let link = links.next().unwrap();
    link.split_once("?token=").unwrap().1.parse().unwrap()
}

async fn registered(app: &TestApp) -> Creator {
    let password = password("correct horse");
    app.accounts.register(email(ADA), &password, None, CLIENT).await.unwrap().creator
}

#[pollster::test]
async fn a_new_creator_proves_the_address_with_the_mailed_link() {
    let app = TestApp::new();
    let creator = registered(&app).await;
    assert!(creator.require_verified().is_err());
    let token = mailed(&app).await;
    let proved = app.accounts.verify_email(&token, None).await.unwrap();
    assert!(proved.require_verified().is_ok());
    let again = app.accounts.verify_email(&token, None).await.unwrap();
    assert_eq!(again, proved, "opening the link twice is not a mistake");
}

#[pollster::test]
async fn mails_to_a_creator_are_in_the_language_of_who_proved_the_address() {
    let app = TestApp::new();
    let last = async || {
        app.deliver_mails().await;
        app.mailer.sent().last().unwrap().language
    };
    let ask = async || app.accounts.request_password_reset(email(ADA), CLIENT).await.unwrap();
    let german = Caller { client: CLIENT, language: Some(Language::German), device: None };
    let right = password("correct horse");
    let stranger = app.accounts.register(email(ADA), &right, None, german).await.unwrap();
    assert_eq!(last().await, Language::German);
    app.accounts.login(&email(ADA), &right, german).await.unwrap();
    ask().await;
    assert_eq!(last().await, Language::English, "signing up proves nothing");
    app.accounts.resend_verification(&stranger.creator, german).await.unwrap();
    let token = mailed(&app).await;
    app.accounts.verify_email(&token, Some(Language::German)).await.unwrap();
    app.clock.advance_seconds(120);
    ask().await;
    assert_eq!(last().await, Language::German);
    app.accounts.login(&email(ADA), &right, CLIENT).await.unwrap();
    ask().await;
    assert_eq!(last().await, Language::German, "the client named no language");
    let english = Caller { client: CLIENT, language: Some(Language::English), device: None };
    app.accounts.login(&email(ADA), &right, english).await.unwrap();
    app.clock.advance_seconds(120);
    ask().await;
    assert_eq!(last().await, Language::English);
    let token = mailed(&app).await;
    app.accounts.confirm_password_reset(&token, &password("battery staple"), german).await.unwrap();
    app.clock.advance_seconds(120);
    ask().await;
    assert_eq!(last().await, Language::German);
}

#[pollster::test]
async fn a_proof_is_refused_when_it_is_late_or_unknown() {
    let app = TestApp::new();
    registered(&app).await;
    let token = mailed(&app).await;
    app.clock.advance_seconds(24 * 3600);
    let late = app.accounts.verify_email(&token, None).await;
    assert!(matches!(late, Err(AccountError::ExpiredToken)));
    let unknown = app.accounts.verify_email(&Token::new(&*app.random), None).await;
    assert!(matches!(unknown, Err(AccountError::InvalidToken)));
}

#[pollster::test]
async fn nothing_mails_others_before_the_address_is_proved() {
    let app = TestApp::new();
    let creator = registered(&app).await;
    let name = "ada".parse().unwrap();
    app.handles.create(&creator, "ada".parse().unwrap(), "Ada").await.unwrap();
    let page = a_page().slug("guide").paid(1_200, "usd").published().new_page();
    let page = app.pages.create(&creator, &name, page).await.unwrap();
    let slug = "guide".parse().unwrap();
    let given = app.grants.give(&creator, &name, &slug, email("bob@example.com")).await;
    assert!(matches!(given, Err(GrantError::EmailNotVerified(_))));
    let here = "https://app.example/";
    let connected = app.connect.begin(&creator, &name, here, here).await;
    assert!(matches!(connected, Err(ConnectError::EmailNotVerified(_))));
    let (from, to) = (email("bob@example.com"), email("rob@example.com"));
    let moved = app.moves.request(&creator, &name, from, to).await;
    assert!(matches!(moved, Err(MoveError::EmailNotVerified(_))));
    // A group buy with a deadline mails those who are interested when it ends.
    let deadline = plus_seconds(app.clock.now(), 24 * 3600);
    let together = a_group_buy(&page).slug("together");
    let new = together.clone().deadline(deadline).new_group_buy();
    let refused = app.group_buys.create(&creator, &name, new).await;
    assert!(matches!(refused, Err(GroupBuyError::EmailNotVerified(_))), "{refused:?}");
    app.group_buys.create(&creator, &name, together.new_group_buy()).await.unwrap();
    let slug = "together".parse().unwrap();
    let change = GroupBuyChange { deadline: Some(Some(deadline)), ..GroupBuyChange::default() };
    let refused = app.group_buys.change(&creator, &name, &slug, change, &BasedOn::Any).await;
    assert!(matches!(refused, Err(GroupBuyError::EmailNotVerified(_))), "{refused:?}");
    app.deliver_mails().await;
    assert!(app.mailer.sent_to(&email("bob@example.com")).is_empty());
}

#[pollster::test]
async fn a_sign_in_mail_has_a_creators_texts_only_once_the_address_is_proved() {
    let app = TestApp::new();
    let creator = registered(&app).await;
    let proof = mailed(&app).await;
    let name: HandleName = "ada".parse().unwrap();
    app.handles.create(&creator, name.clone(), "Your bank").await.unwrap();
    let texts = HandleTexts {
        support_email: Some(email("help@bank.example")),
        mail_footer: Some("Your account is locked.".into()),
    };
    let change = HandleChange {
        support_email: Some(texts.support_email.clone()),
        mail_footer: Some(texts.mail_footer.clone()),
        ..HandleChange::default()
    };
    app.handles.change(&creator, &name, change, &BasedOn::Any).await.unwrap();
    let mut page = a_page().slug("guide").published().new_page();
    page.title = "You have won".into();
    app.pages.create(&creator, &name, page).await.unwrap();
    let mail = async |handle: Option<&HandleName>, place: &str| {
        let asked = LinkRequest { return_to: Some(place), handle, ..request("bob@example.com") };
        app.sign_in.request_link(asked).await.unwrap();
        app.deliver_mails().await;
        let mail = app.mailer.sent().pop().unwrap();
        let MailContent::MagicLink { seller, title, .. } = mail.content else { panic!("no link") };
        (seller.unwrap(), title, mail.signature)
    };
    let without = ("ada".to_owned(), None, HandleTexts::default());
    let with = ("Your bank".to_owned(), Some("You have won".to_owned()), texts);
    assert_eq!(mail(Some(&name), "/guide").await, without);
    assert_eq!(mail(None, GUIDE).await, without);
    app.accounts.verify_email(&proof, None).await.unwrap();
    app.clock.advance_seconds(120);
    assert_eq!(mail(Some(&name), "/guide").await, with);
    assert_eq!(mail(None, GUIDE).await, with);
}

#[pollster::test]
async fn a_forgotten_password_is_replaced_once_and_ends_all_sessions() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let old = app.accounts.login(&email(ADA), &password("correct horse"), CLIENT).await.unwrap();
    app.accounts.request_password_reset(email(ADA), CLIENT).await.unwrap();
    let token = mailed(&app).await;
    let results = at_once(8, |_| {
        let (app, token) = (app.clone(), token.clone());
        async move {
            let new = password("battery staple");
            app.accounts.confirm_password_reset(&token, &new, CLIENT).await
        }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(app.accounts.authenticate(old.session_id).await, Ok(None));
    let with_old = app.accounts.login(&email(ADA), &password("correct horse"), CLIENT).await;
    assert!(matches!(with_old, Err(AccountError::Unauthorized)));
    assert!(app.accounts.login(&email(ADA), &password("battery staple"), CLIENT).await.is_ok());
}

#[pollster::test]
async fn another_password_makes_mailed_resets_useless() {
    let app = TestApp::new();
    let creator = app.creator(ADA).await;
    app.accounts.request_password_reset(email(ADA), CLIENT).await.unwrap();
    let token = mailed(&app).await;
    let (old, new) = (password("correct horse"), password("battery staple"));
    app.accounts.change_password(&creator, &old, &new, CLIENT).await.unwrap();
    let late = app.accounts.confirm_password_reset(&token, &password("third horse"), CLIENT).await;
    assert!(matches!(late, Err(AccountError::UsedToken)));
    assert!(app.accounts.login(&email(ADA), &new, CLIENT).await.is_ok());
    app.accounts.request_password_reset(email(ADA), CLIENT).await.unwrap();
    let token = mailed(&app).await;
    app.accounts.confirm_password_reset(&token, &old, CLIENT).await.unwrap();
}

#[pollster::test]
async fn a_reset_lasts_thirty_minutes() {
    let app = TestApp::new();
    app.creator(ADA).await;
    app.accounts.request_password_reset(email(ADA), CLIENT).await.unwrap();
    let token = mailed(&app).await;
    app.clock.advance_seconds(30 * 60);
    let new = password("battery staple");
    let late = app.accounts.confirm_password_reset(&token, &new, CLIENT).await;
    assert!(matches!(late, Err(AccountError::ExpiredToken)));
}

#[pollster::test]
async fn an_unknown_address_is_answered_alike_and_mailed_nothing() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let nobody = "nobody@creators.example";
    for (address, number) in [(ADA, 1), (nobody, 2)] {
        app.accounts.request_password_reset(email(address), CLIENT).await.unwrap();
        assert_eq!(app.store.jobs().len(), number, "the same is stored for both");
    }
    assert!(app.store.mails().is_empty(), "who has an account is looked up afterwards");
    assert!(app.store.jobs().iter().all(|job| !job.key().contains('@')), "keys are logged");
    app.deliver_mails().await;
    let recipients: Vec<_> = app.store.mails().into_iter().map(|(mail, _)| mail.to).collect();
    assert_eq!(recipients, [email(ADA)]);
}

/// How long somebody has to wait who asks for a mail of an account, if at all.
fn wait_of(asked: Result<(), AccountError>) -> Option<u64> {
    match asked {
        Ok(()) => None,
        Err(AccountError::Limited { retry_after_seconds }) => Some(retry_after_seconds),
        Err(other) => panic!("{other}"),
    }
}

#[pollster::test]
async fn an_address_gets_ten_account_mails_an_hour_and_twenty_a_day_known_or_not() {
    let app = TestApp::new();
    app.creator(ADA).await;
    for address in [ADA, "nobody@creators.example"] {
        let ask = async || {
            let asked = app.accounts.request_password_reset(email(address), CLIENT).await;
            // Later than the limit of a minute.
            app.clock.advance_seconds(60);
            wait_of(asked)
        };
        for _ in 0..2 {
            for _ in 0..10 {
                assert_eq!(ask().await, None);
            }
            assert_eq!(ask().await, Some(50 * 60));
            app.clock.advance_seconds(49 * 60);
        }
        assert_eq!(ask().await, Some(22 * 3_600));
        app.clock.advance_seconds(22 * 3_600 - 60);
        assert_eq!(ask().await, None);
    }
}

#[pollster::test]
async fn who_registers_with_a_strangers_address_has_few_mails_sent_there() {
    let app = TestApp::new();
    let creator = registered(&app).await;
    let mut sent = 0;
    for _ in 0..24 * 60 {
        let asked = app.accounts.resend_verification(&creator, CLIENT).await;
        sent += usize::from(wait_of(asked).is_none());
        let asked = app.accounts.request_password_reset(email(ADA), CLIENT).await;
        sent += usize::from(wait_of(asked).is_none());
        app.clock.advance_seconds(60);
    }
    assert_eq!(sent, 20);
}

#[pollster::test]
async fn a_token_proves_only_what_it_was_mailed_for() {
    let app = TestApp::new();
    registered(&app).await;
    let proof = mailed(&app).await;
    let new = password("battery staple");
    let as_reset = app.accounts.confirm_password_reset(&proof, &new, CLIENT).await;
    assert!(matches!(as_reset, Err(AccountError::InvalidToken)));
}

#[pollster::test]
async fn a_console_session_is_known_by_its_token_and_ended_from_the_list() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let here = app.accounts.login(&email(ADA), &password("correct horse"), CLIENT).await.unwrap();
    let there = app.accounts.login(&email(ADA), &password("correct horse"), CLIENT).await.unwrap();
    let token = here.refresh_token.hash();
    let found = app.accounts.authenticate_token(token).await.unwrap();
    assert_eq!(found, Some((here.creator.clone(), here.session_id)));
    let sessions = app.accounts.sessions(&here.creator, &PageRequest::default()).await.unwrap();
    assert_eq!(sessions.items.len(), 2);
    app.accounts.end_session(&there.creator, here.session_id).await.unwrap();
    assert_eq!(app.accounts.authenticate_token(token).await, Ok(None));
    let other = app.creator("eve@creators.example").await;
    app.accounts.end_session(&other, there.session_id).await.unwrap();
    assert!(app.accounts.authenticate(there.session_id).await.unwrap().is_some());
}
