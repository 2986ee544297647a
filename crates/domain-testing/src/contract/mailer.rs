//! What every mailer has to keep to.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures_util::future::join_all;

use crate::{a_mail, a_token, at, email, money};
use tollgate_domain::{
    email::Email,
    language::Language,
    mail::{
        HandleTexts, Mail, MailContent, SecretText, SignInTarget,
        ports::{MailError, Mailer},
    },
};

/// Expands to one test a case. `$test` is the attribute that makes a test of an async function; `$make`
/// is an `async fn` that gives a [`Fixture`](crate::contract::mailer::Fixture) whose other side has no mails yet.
#[macro_export]
macro_rules! mailer_contract {
    (#[$test:meta] $make:path) => {
        $crate::mailer_contract! { @cases #[$test] $make;
            an_accepted_mail_is_readable_on_the_other_side,
            a_mail_in_another_script_arrives_as_it_is,
            mails_that_are_sent_at_once_reach_whom_they_are_for,
            the_same_mail_may_come_twice,
            a_failure_says_nothing_of_the_mail,
        }
    };
    (@cases #[$test:meta] $make:path; $($case:ident),* $(,)?) => {$(
        #[$test]
        async fn $case() {
            $crate::contract::mailer::$case($make().await).await;
        }
    )*};
}

/// A mailer with the side that receives its mails.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// Returns the mailer.
    fn mailer(&self) -> &dyn Mailer;

    /// Returns the mails that the other side has accepted. One that came twice may be there once or twice.
    async fn accepted(&self) -> Vec<AcceptedMail>;

    /// Returns a mailer of the same kind whose other side is out of reach.
    async fn out_of_reach(&self) -> Box<dyn Mailer>;
}

/// A mail on the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedMail {
    /// The recipient.
    pub to: Email,
    /// The text as a mail program shows it. A mailer that hands over no text gives what the mail is about, a line each.
    pub text: String,
}

impl AcceptedMail {
    /// Returns whether this is a line of the text, whatever spaces are in it.
    fn has_line(&self, wanted: &str) -> bool {
        self.text.lines().any(|line| line.replace(' ', "") == wanted)
    }
}

const CODE: &str = "042917";

fn mail(to: &str, content: MailContent) -> Mail {
    Mail {
        id: a_mail(at(0)).id,
        to: email(to),
        content,
        signature: HandleTexts::default(),
        stop: None,
        language: Language::English,
        queued_at: at(0),
    }
}

/// Returns a mail with a link to sign in, and that link.
fn sign_in(to: &str) -> (Mail, String) {
    let link = format!("http://tollgate.localhost:8080/-/verify?token={}", a_token().reveal());
    let content = MailContent::MagicLink {
        link: SecretText(link.clone()),
        code: SecretText(CODE.to_owned()),
        valid_minutes: 15,
        valid_seconds: None,
        seller: None,
        title: None,
        wanted: SignInTarget::Page,
        sent_by_seller: false,
    };
    (mail(to, content), link)
}

/// A link and a code have lines of their own, so that they are not broken.
pub async fn an_accepted_mail_is_readable_on_the_other_side(on: impl Fixture) {
    let (mail, link) = sign_in("bob+news@bücher.example");
    on.mailer().send(&mail).await.unwrap();
    let accepted = on.accepted().await;
    let [accepted] = accepted.as_slice() else { panic!("{} mails", accepted.len()) };
    assert_eq!(accepted.to, mail.to);
    assert!(accepted.has_line(&link), "{}", accepted.text);
    assert!(accepted.has_line(CODE), "{}", accepted.text);
}

/// The title is longer than a line of a mail.
pub async fn a_mail_in_another_script_arrives_as_it_is(on: impl Fixture) {
    let (seller, page_url) = ("Čapek & Söhne", "https://capek.example.com/gardens?part=1");
    let title = "日本の庭園 — the long story of how gardens came to be what they are today, in twelve parts";
    let content = MailContent::Receipt {
        seller: seller.to_owned(),
        title: title.to_owned(),
        page_url: page_url.to_owned(),
        paid: money(1_205, "usd"),
        facts: None,
    };
    on.mailer().send(&mail("bob@example.com", content)).await.unwrap();
    let accepted = on.accepted().await;
    let [accepted] = accepted.as_slice() else { panic!("{} mails", accepted.len()) };
    for part in [seller, title] {
        assert!(accepted.text.contains(part), "{part}: {}", accepted.text);
    }
    assert!(accepted.has_line(page_url), "{}", accepted.text);
}

/// A link that reached somebody else would sign them in.
pub async fn mails_that_are_sent_at_once_reach_whom_they_are_for(on: impl Fixture) {
    let mails: Vec<_> = (0..12).map(|number| sign_in(&format!("b{number}@example.com"))).collect();
    for sent in join_all(mails.iter().map(|(mail, _)| on.mailer().send(mail))).await {
        sent.unwrap();
    }
    let accepted = on.accepted().await;
    assert_eq!(accepted.len(), mails.len());
    let by_recipient: BTreeMap<_, _> = accepted.iter().map(|mail| (&mail.to, mail)).collect();
    for (mail, link) in &mails {
        let accepted = by_recipient.get(&mail.to).expect("a mail to them");
        assert!(accepted.has_line(link), "{}: {}", mail.to, accepted.text);
    }
}

/// The answer to the first was lost. Both are one mail to a mail program, and say the same.
pub async fn the_same_mail_may_come_twice(on: impl Fixture) {
    let (mail, link) = sign_in("bob@example.com");
    on.mailer().send(&mail).await.unwrap();
    let first = on.accepted().await.remove(0);
    on.mailer().send(&mail).await.unwrap();
    let accepted = on.accepted().await;
    assert!((1..=2).contains(&accepted.len()), "{} mails", accepted.len());
    for again in accepted {
        assert!(again.has_line(&link));
        assert_eq!(again, first);
    }
}

/// It is logged.
pub async fn a_failure_says_nothing_of_the_mail(on: impl Fixture) {
    let (mail, link) = sign_in("somebody@recipient.example");
    let failed = on.out_of_reach().await.send(&mail).await;
    let Err(MailError::Transient(reason)) = failed else { panic!("{failed:?}") };
    let (_, token) = link.split_once("token=").unwrap();
    for secret in ["somebody", "recipient.example", token, CODE] {
        assert!(!reason.contains(secret), "{reason}");
    }
    assert_eq!(on.accepted().await, []);
}
