//! Mails leave the outbox at least once, or are seen to be dead.

use std::sync::Arc;

use tollgate_domain::{
    clock::Clock,
    creators::Page,
    jobs::{
        Finish, Job, JobKind, LEASE_SECONDS, NewJob, Outcome, Step,
        ports::{JobClaims, QueueDepth},
    },
    mail::{Delivery, LoggedMail, MailKind, MailStatus, MailWriter, ports::MailError},
    paging::PageRequest,
    seal::Seal,
    store::Runtime,
};
use tollgate_domain_testing::{Shop, TestApp, a_page, email};

use crate::{BOB, at_once, sign_in::ask_for_mail};

async fn app_with_a_mail() -> TestApp {
    let app = TestApp::new();
    ask_for_mail(&app, BOB).await;
    app
}

/// How often a mail is tried.
fn tries() -> u32 {
    JobKind::SendMail.policy().max_attempts.unwrap()
}

fn busy() -> MailError {
    MailError::Transient("busy".into())
}

async fn depth(app: &TestApp) -> QueueDepth {
    QueueDepth::of(&app.store.depth().await.unwrap())
}

fn ran(outcome: Outcome) -> Step {
    Step::Ran(JobKind::SendUrgentMail, outcome)
}

fn put_off() -> Step {
    ran(Outcome::Retry("busy".to_owned()))
}

#[pollster::test]
async fn a_mail_is_sent_once_and_its_content_forgotten() {
    let app = app_with_a_mail().await;
    assert_eq!(app.step().await, ran(Outcome::Done));
    assert_eq!(app.step().await, Step::Idle);
    assert_eq!(app.mailer.sent().len(), 1);
    let mails = app.store.mails();
    let [(mail, MailStatus::Sent)] = mails.as_slice() else { panic!("{mails:?}") };
    assert!(mail.sealed.0.is_empty());
}

#[pollster::test]
async fn a_mail_whose_last_attempt_breaks_off_is_seen_to_be_dead() {
    let app = app_with_a_mail().await;
    for attempt in 1..=tries() {
        // The claim passes, and the mail cannot be read.
        app.store.fail_after(1);
        let step = app.step().await;
        let is_dead = matches!(step, Step::Ran(_, Outcome::Dead(_)));
        assert_eq!(is_dead, attempt == tries(), "{attempt}: {step:?}");
        app.clock.advance_seconds(4 * 3600);
    }
    let mails = app.store.mails();
    assert!(matches!(mails.as_slice(), [(_, MailStatus::Dead)]), "{mails:?}");
    assert_eq!(depth(&app).await, QueueDepth { waiting: 0, dead: 1 });
}

#[pollster::test]
async fn a_mail_is_not_given_up_by_a_runner_that_lost_it_to_another() {
    let app = app_with_a_mail().await;
    let (late, other) = (app.runner(), app.runner());
    let lost = late.claim().await.unwrap().unwrap();
    app.clock.advance_seconds(LEASE_SECONDS);
    let held = other.claim().await.unwrap().unwrap();
    let given_up = Finish::of(Outcome::Dead("the job panicked".to_owned()));
    late.finish(lost, given_up).await.unwrap();
    let mails = app.store.mails();
    assert!(matches!(mails.as_slice(), [(_, MailStatus::Queued)]), "{mails:?}");
    let finish = other.work(&held).await;
    assert_eq!(other.finish(held, finish).await.unwrap(), Outcome::Done);
    let mails = app.store.mails();
    assert!(matches!(mails.as_slice(), [(_, MailStatus::Sent)]), "{mails:?}");
}

#[pollster::test]
async fn the_secrets_of_a_waiting_mail_cannot_be_read_in_the_store() {
    let app = app_with_a_mail().await;
    let stored = format!("{:?}", app.store.mails().first().unwrap().0.sealed.0);
    app.deliver_mails().await;
    let (token, code) = app.link_mailed_to(BOB);
    assert!(!stored.contains(&format!("{:?}", token.reveal().as_bytes()).replace(['[', ']'], "")));
    assert!(!stored.contains(&format!("{:?}", code.reveal().as_bytes()).replace(['[', ']'], "")));
}

#[pollster::test]
async fn a_busy_server_is_tried_again_after_a_pause_that_grows() {
    let app = app_with_a_mail().await;
    for pause in [5, 10, 20, 40] {
        app.mailer.fail_next(busy());
        assert_eq!(app.step().await, put_off());
        // It is up to a fifth shorter, so that what failed together is not tried again together.
        app.clock.advance_seconds(pause * 4 / 5 - 1);
        assert_eq!(app.step().await, Step::Idle);
        app.clock.advance_seconds(pause / 5 + 1);
    }
    assert_eq!(app.step().await, ran(Outcome::Done));
}

#[pollster::test]
async fn after_its_last_try_a_mail_is_given_up_visibly() {
    let app = TestApp::new();
    grant(&app).await;
    for attempt in 1..=tries() {
        app.mailer.fail_next(busy());
        let busy = "busy".to_owned();
        let outcome = if attempt == tries() { Outcome::Dead(busy) } else { Outcome::Retry(busy) };
        assert_eq!(app.step().await, Step::Ran(JobKind::SendMail, outcome));
        app.clock.advance_seconds(4 * 3_600);
    }
    assert_eq!(app.step().await, Step::Idle);
    assert_eq!(depth(&app).await, QueueDepth { waiting: 0, dead: 1 });
}

#[pollster::test]
async fn a_mail_whose_job_cannot_be_read_is_tried_longer_and_given_up_visibly() {
    let app = TestApp::new();
    grant(&app).await;
    let sending = app.store.jobs().first().unwrap().clone();
    let unreadable = Job::Unreadable(sending.kind(), sending.key());
    let mut unit = app.unit().await;
    unit.jobs().enqueue(&NewJob::new(unreadable, app.clock.now())).await.unwrap();
    unit.commit().await.unwrap();
    for attempt in 1..=2 * tries() {
        let why = "what is stored about it cannot be read".to_owned();
        let outcome = if attempt == 2 * tries() { Outcome::Dead(why) } else { Outcome::Retry(why) };
        assert_eq!(app.step().await, Step::Ran(JobKind::SendMail, outcome));
        app.clock.advance_seconds(4 * 3_600);
    }
    assert_eq!(depth(&app).await, QueueDepth { waiting: 0, dead: 1 });
    let dead = app.delivery.given_up(&PageRequest::default()).await.unwrap().items;
    let [mail] = dead.as_slice() else { panic!("{dead:?}") };
    assert!(app.delivery.retry(mail.id).await.unwrap());
    assert_eq!(app.step().await, Step::Ran(JobKind::SendMail, Outcome::Done));
}

#[pollster::test]
async fn a_mail_that_was_given_up_is_sent_when_the_operator_says_so() {
    let app = TestApp::new();
    grant(&app).await;
    for _ in 1..=tries() {
        app.mailer.fail_next(busy());
        app.step().await;
        app.clock.advance_seconds(4 * 3_600);
    }
    let all = PageRequest::default();
    let dead = app.delivery.given_up(&all).await.unwrap().items;
    assert!(dead.iter().all(LoggedMail::was_tried_to_the_end));
    let [mail] = dead.as_slice() else { panic!("{dead:?}") };
    assert!(app.delivery.retry(mail.id).await.unwrap());
    assert!(!app.delivery.retry(mail.id).await.unwrap(), "it waits already");
    assert_eq!(app.step().await, Step::Ran(JobKind::SendMail, Outcome::Done));
    assert_eq!(depth(&app).await, QueueDepth::default());
    assert!(app.delivery.given_up(&all).await.unwrap().items.is_empty());
}

/// Versions before gave mails up after 14 tries.
#[pollster::test]
async fn a_mail_that_is_refused_late_was_not_tried_to_the_end() {
    let app = TestApp::new();
    grant(&app).await;
    for _ in 0..14 {
        app.mailer.fail_next(busy());
        app.step().await;
        app.clock.advance_seconds(4 * 3_600);
    }
    app.mailer.fail_next(MailError::Permanent("no such mailbox".into()));
    app.step().await;
    let dead = app.delivery.given_up(&PageRequest::default()).await.unwrap().items;
    let [mail] = dead.as_slice() else { panic!("{dead:?}") };
    assert_eq!(mail.attempts, 15);
    assert!(!mail.was_tried_to_the_end());
    assert!(LoggedMail { attempts: 14, ..mail.clone() }.was_tried_to_the_end());
}

#[pollster::test]
async fn a_refused_mail_is_given_up_at_once() {
    let app = app_with_a_mail().await;
    app.mailer.fail_next(MailError::Permanent("no such mailbox".into()));
    assert_eq!(app.step().await, ran(Outcome::Dead("no such mailbox".to_owned())));
    assert_eq!(depth(&app).await, QueueDepth { waiting: 0, dead: 1 });
    app.runner().schedule_recurring().await.unwrap();
    app.clock.advance_seconds(Job::DEAD_KEPT_SECONDS);
    app.work().await;
    assert_eq!(depth(&app).await.dead, 1);
    app.clock.advance_seconds(600);
    app.work().await;
    assert_eq!(depth(&app).await.dead, 0, "it was kept for 30 days");
}

#[pollster::test]
async fn a_mail_sealed_with_an_unknown_key_waits_for_a_replica_that_has_it() {
    let app = app_with_a_mail().await;
    let other = Seal::new([b"another secret".as_slice()]);
    let runtime = Runtime {
        store: Arc::new(app.store.clone()),
        clock: app.clock.clone(),
        random: app.random.clone(),
    };
    let writer = MailWriter::new(runtime.clone(), other);
    let reads = Arc::new(app.store.clone());
    let delivery = Delivery::new(runtime, reads, writer, app.mailer.clone());
    let now = app.clock.now();
    let claimed = app.store.claim(JobKind::SendUrgentMail, &[], now).await.unwrap().unwrap();
    let Job::SendUrgentMail(id) = claimed.job else { panic!("{claimed:?}") };
    let finish = format!("{:?}", delivery.send(id, &claimed).await.unwrap());
    assert!(finish.contains("Retry"), "{finish}");
    assert!(app.mailer.sent().is_empty());
    assert!(!app.store.mails().first().unwrap().0.sealed.0.is_empty());
    // The lease of the claim above ends.
    app.clock.advance_seconds(60);
    assert_eq!(app.step().await, ran(Outcome::Done));
}

#[pollster::test]
async fn a_worker_that_dies_is_followed_by_another() {
    let app = app_with_a_mail().await;
    // The mail goes out and the note of it is lost: it goes out again under the same id.
    app.store.fail_after(4);
    assert!(app.runner().step().await.is_err());
    assert_eq!(app.mailer.sent().len(), 1);
    assert_eq!(app.step().await, Step::Idle);
    app.clock.advance_seconds(120);
    assert_eq!(app.step().await, ran(Outcome::Done));
    let sent = app.mailer.sent();
    let [first, second] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(first.id, second.id);
}

#[pollster::test]
async fn several_workers_send_every_mail_once() {
    let app = TestApp::new();
    for number in 0..50 {
        ask_for_mail(&app, &format!("person{number}@example.com")).await;
    }
    at_once(8, |_| {
        let app = app.clone();
        async move { app.work().await }
    })
    .await;
    let mut ids: Vec<_> = app.mailer.sent().iter().map(|mail| mail.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), app.mailer.sent().len()), (50, 50));
}

/// Gives somebody a page, of which a mail tells.
async fn grant(app: &TestApp) {
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    app.deliver_mails().await;
    grant_to(app, &shop, &page, BOB).await;
}

async fn grant_to(app: &TestApp, shop: &Shop, page: &Page, address: &str) {
    let name = &shop.handle.name;
    app.grants.give(&shop.creator, name, &page.slug, email(address)).await.unwrap();
}

#[pollster::test]
async fn sign_in_mail_whose_link_has_expired_is_not_sent() {
    let app = app_with_a_mail().await;
    app.mailer.fail_next(busy());
    assert_eq!(app.step().await, put_off());
    app.clock.advance_seconds(900);
    assert_eq!(app.step().await, ran(Outcome::Done));
    assert!(app.mailer.sent().is_empty());
    let mails = app.store.mails();
    assert!(matches!(mails.as_slice(), [(_, MailStatus::Dead)]), "{mails:?}");
    assert_eq!(depth(&app).await, QueueDepth { waiting: 0, dead: 0 });
}

#[pollster::test]
async fn sign_in_mail_overtakes_a_mailing_to_many() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    app.deliver_mails().await;
    for number in 0..20 {
        grant_to(&app, &shop, &page, &format!("person{number}@example.com")).await;
    }
    app.clock.advance_seconds(1);
    ask_for_mail(&app, BOB).await;
    app.mailer.clear();
    assert_eq!(app.step().await, ran(Outcome::Done));
    let sent = app.mailer.sent();
    assert_eq!(
        sent.iter().map(|mail| mail.content.kind()).collect::<Vec<_>>(),
        [MailKind::MagicLink]
    );
}

#[pollster::test]
async fn mailing_that_hangs_does_not_hold_up_a_sign_in_mail() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    app.deliver_mails().await;
    let places = JobKind::SendMail.policy().max_running;
    for number in 0..=places {
        grant_to(&app, &shop, &page, &format!("person{number}@example.com")).await;
    }
    let runner = app.runner();
    let mut hanging = Vec::new();
    while let Some(claim) = runner.claim().await.unwrap() {
        hanging.push(claim);
    }
    assert_eq!(hanging.len(), places);
    ask_for_mail(&app, BOB).await;
    assert_eq!(runner.step().await.unwrap(), ran(Outcome::Done));
}
