//! Mails of the log that are sent once more after the installation got another domain.

use std::sync::Arc;

use tollgate_domain::{
    mail::{MailContent, MailKind, MailWriter, NewMail},
    reports::ResendError,
    store::Runtime,
};
use tollgate_domain_testing::email;

use crate::{BOB, Sale};

/// Sends a mail once more that says that Bob was given the page of a sale, with an address at this origin.
async fn told_again(origin: &str) -> Result<(), ResendError> {
    let Sale { app, shop, page, bob } = Sale::new().await;
    app.buy(&shop, &page, &bob).await;
    let runtime = Runtime {
        store: Arc::new(app.store.clone()),
        clock: app.clock.clone(),
        random: app.random.clone(),
    };
    let writer = MailWriter::new(runtime, app.seal.clone());
    let content = MailContent::Granted {
        seller: shop.handle.title.clone(),
        title: page.title.clone(),
        page_url: format!("{origin}/{}", page.slug),
    };
    let mail = NewMail::new(email(BOB), &content).with_handle(shop.handle.id);
    let mut unit = app.unit().await;
    writer.write(&mut *unit, mail).await.unwrap();
    unit.commit().await.unwrap();
    let mails = app.store.mails().into_iter();
    let written = mails.map(|(mail, _)| mail).find(|mail| mail.kind == MailKind::Granted);
    app.resends.resend(&shop.creator, &shop.handle.name, written.unwrap().id).await
}

#[pollster::test]
async fn a_mail_that_leads_to_an_earlier_domain_is_not_sent_again() {
    told_again("http://ada.tollgate.localhost:8080").await.unwrap();
    let earlier = told_again("https://ada.earlier.example").await;
    assert!(matches!(earlier, Err(ResendError::Over)), "{earlier:?}");
}
