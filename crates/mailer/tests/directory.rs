//! Mails as files.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod mime;

use std::{
    fs,
    future::{Ready, ready},
    path::Path,
};

use async_trait::async_trait;
use mime::{OtherSide, magic_link, mail, receipt};
use tempfile::TempDir;
use tollgate_domain::mail::{
    MailContent,
    ports::{MailError, Mailer},
};
use tollgate_domain_testing::contract::mailer::{AcceptedMail, Fixture};
use tollgate_mailer::{DirectoryMailer, Sender};

struct Folder(TempDir);

impl Folder {
    fn files(&self) -> Vec<Vec<u8>> {
        let names = names(self.0.path());
        names.iter().map(|name| fs::read(self.0.path().join(name)).unwrap()).collect()
    }
}

impl OtherSide for Folder {
    async fn messages(&self) -> Vec<Vec<u8>> {
        self.files()
    }
}

struct ToFolder {
    mailer: DirectoryMailer,
    folder: Folder,
    elsewhere: TempDir,
}

#[async_trait]
impl Fixture for ToFolder {
    fn mailer(&self) -> &dyn Mailer {
        &self.mailer
    }

    async fn accepted(&self) -> Vec<AcceptedMail> {
        self.folder.files().iter().map(|bytes| mime::accepted(bytes)).collect()
    }

    /// A file is where the directory would be.
    async fn out_of_reach(&self) -> Box<dyn Mailer> {
        let file = self.elsewhere.path().join("file");
        fs::write(&file, "").unwrap();
        Box::new(mailer_to(&file.join("mail")))
    }
}

fn make() -> Ready<ToFolder> {
    let (mailer, folder) = fresh();
    ready(ToFolder { mailer, folder, elsewhere: TempDir::new().unwrap() })
}

tollgate_domain_testing::mailer_contract!(
    #[tokio::test]
    make
);

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn mailer_to(directory: &Path) -> DirectoryMailer {
    let from = Sender::parse("Tollgate <no-reply@tollgate.localhost>").unwrap();
    DirectoryMailer::new(directory.to_owned(), from)
}

fn fresh() -> (DirectoryMailer, Folder) {
    let folder = Folder(TempDir::new().unwrap());
    (mailer_to(folder.0.path()), folder)
}

#[tokio::test]
async fn accepted_mail_is_readable_on_the_other_side() {
    let (mailer, folder) = fresh();
    mime::accepted_mail_is_readable_on_the_other_side(&mailer, &folder).await;
}

#[tokio::test]
async fn link_and_code_are_written_literally_on_lines_of_their_own() {
    let (mailer, folder) = fresh();
    mime::link_and_code_are_written_literally_on_lines_of_their_own(&mailer, &folder).await;
}

#[tokio::test]
async fn same_mail_twice_keeps_its_id_and_its_bytes() {
    let (mailer, folder) = fresh();
    mime::same_mail_twice_keeps_its_id_and_its_bytes(&mailer, &folder).await;
}

#[tokio::test]
async fn missing_directory_is_created_and_has_one_file_per_mail() {
    let folder = TempDir::new().unwrap();
    let inner = folder.path().join("var/mail");
    let mailer = mailer_to(&inner);

    mailer.send(&mail(2, magic_link())).await.unwrap();
    mailer.send(&mail(1, receipt())).await.unwrap();
    mailer.send(&mail(2, magic_link())).await.unwrap();

    assert_eq!(
        names(&inner),
        ["mal_01k9b3z5p00000000000000001.eml", "mal_01k9b3z5p00000000000000002.eml"],
    );
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reads_a_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let (mailer, folder) = fresh();
    mailer.send(&mail(1, magic_link())).await.unwrap();
    let file = folder.0.path().join("mal_01k9b3z5p00000000000000001.eml");
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o077, 0);
}

#[tokio::test]
async fn unusable_directory_is_a_transient_fault_without_its_path() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();

    let error = mailer_to(&file.join("mail")).send(&mail(1, magic_link())).await.unwrap_err();

    assert_eq!(error, MailError::Transient("mail directory: not a directory".to_owned()));
}

#[tokio::test]
async fn mails_sent_at_the_same_time_are_complete() {
    let (mailer, folder) = fresh();
    let mailer = std::sync::Arc::new(mailer);
    let tasks: Vec<_> = (0..40_u8)
        .map(|round| {
            let mailer = std::sync::Arc::clone(&mailer);
            tokio::spawn(async move { mailer.send(&mail(round % 4, receipt())).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let messages = folder.messages().await;
    assert_eq!(messages.len(), 4);
    for bytes in messages {
        assert!(bytes.ends_with(b"--\r\n"));
    }
}

#[tokio::test]
async fn line_that_is_too_long_for_a_mail_is_broken_between_words() {
    let (mailer, folder) = fresh();
    let title = "garden=bee ".repeat(300).trim_end().to_owned();
    let page_url = "https://ada.example.com/garden".to_owned();
    let seller = "Ada's corner".to_owned();
    let content = MailContent::PaymentFailed {
        seller,
        title: title.clone(),
        page_url,
        is_open: false,
        is_withdrawn: false,
    };
    mailer.send(&mail(1, content)).await.unwrap();

    let messages = folder.messages().await;
    let bytes = messages.first().unwrap();
    assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 999));
    let message = mime::parsed(bytes);
    let on_one_line = mime::text(&message).replace('\n', " ");
    assert!(on_one_line.contains(&format!("Page: {title} Seller: Ada's corner")));
    assert!(message.body_html(0).unwrap().contains(&title));
}

#[tokio::test]
async fn unusual_addresses_and_times_are_written() {
    let (mailer, folder) = fresh();
    for address in ["!#$%&'*+-/=?^_`{|}~@x.y", "a@xn--bcher-kva.example", "1@2.museum"] {
        let mut mail = mail(1, magic_link());
        mail.to = address.parse().unwrap();
        mail.queued_at = "1969-12-31T00:00:00Z".parse().unwrap();
        mailer.send(&mail).await.unwrap();

        let messages = folder.messages().await;
        let message = mime::parsed(messages.first().unwrap());
        assert_eq!(message.to().unwrap().first().unwrap().address(), Some(address));
    }
}
