//! Files: taken in, handed out, and cleared away, whatever fails in between.

mod changes;
mod people;
mod uploads;

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use tollgate_domain::{
    access::{
        AccessError, AccessStatus, AccessType, FactKind, Reason, Resource, ResourceType,
        ViewerClaim,
    },
    clock::Clock,
    creators::{PageChange, QuotaExceeded, Quotas},
    files::{DownloadError, File, FileAccess, FileError, NewFile, UploadError},
    id::FileId,
    jobs::{JobKind, Outcome, Step},
    mail::{MailContent, SignInTarget},
    paging::PageRequest,
    token::Token,
    version::BasedOn,
    visitor_auth::LinkRequest,
};
use tollgate_domain_testing::{Shop, TestApp, a_page, email, slug};

use crate::sign_in::request;

/// A file that is given by list, unless its page is named.
pub(crate) fn new_file(name: &str, access: FileAccess) -> NewFile {
    NewFile {
        slug: slug(name),
        access,
        page_slug: (access == FileAccess::Page).then(|| slug("guide")),
        name: "../A file.txt".to_owned(),
        content_type: Some("text/plain".to_owned()),
    }
}

async fn try_upload(
    app: &TestApp,
    shop: &Shop,
    new: NewFile,
    content: &[u8],
) -> Result<File, UploadError<Infallible>> {
    let chunks: Vec<_> = content.chunks(7).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
    let handle = &shop.handle.name;
    app.files.upload(&shop.creator, handle, new, stream::iter(chunks)).await
}

pub(crate) async fn upload(app: &TestApp, shop: &Shop, new: NewFile) -> File {
    try_upload(app, shop, new, b"0123456789").await.unwrap()
}

fn claim(session: Option<&Token>) -> ViewerClaim {
    ViewerClaim { session: session.map(Token::hash), ..ViewerClaim::default() }
}

async fn reason(app: &TestApp, shop: &Shop, file: &File, claim: ViewerClaim) -> Option<Reason> {
    let (handle, slug) = (shop.handle.name.clone(), file.slug.clone());
    match app.gate.check(ResourceType::File, handle, slug, claim).await {
        Ok(reason) => Some(reason),
        Err(AccessError::NotFound(ResourceType::File)) => None,
        Err(error) => panic!("{error}"),
    }
}

async fn admitted(
    app: &TestApp,
    shop: &Shop,
    file: &File,
    session: Option<&Token>,
) -> Result<File, DownloadError> {
    let (handle, slug) = (shop.handle.name.clone(), file.slug.clone());
    app.downloads.admit(handle, slug, claim(session)).await
}

#[pollster::test]
async fn a_file_is_handed_out_as_it_was_taken_in() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let file = upload(&app, &shop, new_file("mine", FileAccess::Public)).await;
    assert_eq!((file.size, &*file.name, &*file.content_type), (10, "A file.txt", "text/plain"));
    assert_eq!(file.sha256[..4], [0x84, 0xd8, 0x98, 0x77]);
    let got = admitted(&app, &shop, &file, None).await.unwrap();
    assert_eq!(got, file);
    for (range, expected) in [(None, "0123456789"), (Some(3..5), "34")] {
        let chunks = app.downloads.open(&got, range).await.unwrap();
        let bytes: Vec<Bytes> = chunks.try_collect().await.unwrap();
        assert_eq!(bytes.concat(), expected.as_bytes());
    }
    app.downloads.look(&got).await.unwrap();
    assert_eq!(app.sweep().await, 0);
}

#[pollster::test]
async fn a_page_names_a_file_however_its_system_wrote_it() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    // One character, as Windows writes it, and two, as macOS does.
    let (composed, decomposed) = ("\u{dc}bersicht.png", "U\u{308}bersicht.png");
    for (name, stored) in [("one", composed), ("two", decomposed)] {
        let new = NewFile { name: stored.to_owned(), ..new_file(name, FileAccess::Public) };
        assert_eq!(upload(&app, &shop, new).await.name, stored);
    }
    for name in [composed, decomposed] {
        let found = app.downloads.named(shop.handle.id, &[name.to_owned()]).await.unwrap();
        assert_eq!(found.len(), 2, "{name:?}");
        assert!(found.iter().all(|file| file.is_named(name)));
        assert!(!found.iter().any(|file| file.is_named("Ubersicht.png")));
    }
}

/// What is found first is shown, also if the text names an older file of that name by its slug.
#[pollster::test]
async fn a_page_shows_the_newest_file_of_a_name() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    for name in ["one", "two", "three"] {
        upload(&app, &shop, new_file(name, FileAccess::Public)).await;
        app.clock.advance_seconds(1);
    }
    let names = ["one", "A file.txt"].map(str::to_owned);
    let found = app.downloads.named(shop.handle.id, &names).await.unwrap();
    let slugs: Vec<_> = found.iter().map(|file| file.slug.as_str()).collect();
    assert_eq!(slugs, ["three", "two", "one"]);
}

/// The mail can go to any address.
#[pollster::test]
async fn a_sign_in_mail_names_a_file_only_if_everybody_may_know_it() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    app.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
    for (access, expected) in [
        (FileAccess::Public, Some("A file.txt")),
        (FileAccess::Page, Some("A file.txt")),
        (FileAccess::Allowlist, None),
    ] {
        let name = format!("mine-{}", access.as_str().to_ascii_lowercase());
        upload(&app, &shop, new_file(&name, access)).await;
        let place = format!("/-/files/{name}?x=1");
        let asked = LinkRequest {
            return_to: Some(&place),
            handle: Some(&shop.handle.name),
            ..request("bob@example.com")
        };
        app.sign_in.request_link(asked).await.unwrap();
        app.deliver_mails().await;
        let mail = app.mailer.sent().pop().unwrap();
        let MailContent::MagicLink { title, wanted, .. } = mail.content else { panic!("no link") };
        assert_eq!((title.as_deref(), wanted), (expected, SignInTarget::File), "{access:?}");
    }
}

#[pollster::test]
async fn a_file_of_a_page_opens_with_the_page() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().slug("guide").paid(1_200, "usd").published()).await;
    let file = upload(&app, &shop, new_file("workbook", FileAccess::Page)).await;
    let (bob, eve) = (app.sign_in("bob@example.com").await, app.sign_in("eve@example.com").await);
    assert_eq!(reason(&app, &shop, &file, claim(None)).await, Some(Reason::VisitorAuthRequired));
    app.buy(&shop, &page, &bob).await;
    for status in ["PUBLISHED", "ARCHIVED", "DRAFT"] {
        let change = PageChange { status: Some(status.parse().unwrap()), ..PageChange::default() };
        app.change(&shop, &page, change).await;
        let closed = (status == "PUBLISHED").then_some(Reason::PurchaseRequired);
        assert_eq!(
            reason(&app, &shop, &file, claim(Some(&bob))).await,
            Some(Reason::Entitled),
            "{status}"
        );
        assert_eq!(reason(&app, &shop, &file, claim(Some(&eve))).await, closed, "{status}");
    }
    app.refund(&shop, &page, &app.visitor(&bob).await).await.unwrap();
    assert_eq!(reason(&app, &shop, &file, claim(Some(&bob))).await, None);
    assert_eq!(app.downloads.of_page(page.id).await.unwrap(), vec![file]);
}

#[pollster::test]
async fn a_file_of_a_free_page_is_a_first_view_of_it() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    app.page(&shop, a_page().slug("guide").free_with_login().published()).await;
    let file = upload(&app, &shop, new_file("workbook", FileAccess::Page)).await;
    let bob = app.sign_in("bob@example.com").await;
    for _ in 0..2 {
        admitted(&app, &shop, &file, Some(&bob)).await.unwrap();
    }
    let visitor = app.visitor(&bob).await;
    let rows = app.gate.history(visitor.id, &PageRequest::default()).await.unwrap().items;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].access_type, AccessType::FreeLogin);
}

#[pollster::test]
async fn a_deletion_that_is_interrupted_is_finished_by_the_sweep() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let file = upload(&app, &shop, new_file("mine", FileAccess::Allowlist)).await;
    let (handle, who) = (&shop.handle.name, email("bob@example.com"));
    app.files.allow(&shop.creator, handle, &file.slug, who).await.unwrap();
    app.objects.fail_next_deletes(2);
    app.files.delete(&shop.creator, handle, &file.slug, &BasedOn::Any).await.unwrap();
    let again = app.files.delete(&shop.creator, handle, &file.slug, &BasedOn::Any).await;
    assert!(matches!(again, Err(FileError::NotFound)));
    assert_eq!(reason(&app, &shop, &file, claim(None)).await, None);
    assert_eq!(app.objects.count(), 1);
    assert_eq!(app.sweep().await, 0, "the deletion itself has a minute for it");
    app.clock.advance_seconds(60);
    assert!(matches!(app.step().await, Step::Ran(JobKind::ClearFile, Outcome::Retry(_))));
    app.clock.advance_seconds(60);
    assert_eq!(app.sweep().await, 1);
    assert_eq!((app.store.count_files(), app.objects.count()), (0, 0));
    let bob = app.visitor(&app.sign_in("bob@example.com").await).await;
    let rows = app.gate.history(bob.id, &PageRequest::default()).await.unwrap().items;
    assert_eq!((rows.len(), rows[0].status), (1, AccessStatus::Revoked));
    assert_eq!(app.store.count_facts(Resource::File(file.id), FactKind::FileDeleted), 1);
}

#[pollster::test]
async fn only_old_objects_that_no_file_has_are_strays() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let file = upload(&app, &shop, new_file("mine", FileAccess::Public)).await;
    let stray = FileId::new(app.clock.now(), &*app.random);
    app.objects.put(stray, b"x");
    assert_eq!(app.sweep.delete_strays().await.unwrap(), 0, "it may be from a database put back");
    app.clock.advance_seconds(24 * 3600 + 1);
    assert_eq!(app.sweep.delete_strays().await.unwrap(), 1);
    assert_eq!(app.objects.content(stray), None);
    assert!(app.objects.content(file.id).is_some());
}

#[pollster::test]
async fn a_fault_hands_nothing_out() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let file = upload(&app, &shop, new_file("mine", FileAccess::Public)).await;
    app.store.set_down(true);
    assert!(matches!(admitted(&app, &shop, &file, None).await, Err(DownloadError::Store(_))));
    app.store.set_down(false);
    app.objects.set_down(true);
    assert!(matches!(app.downloads.open(&file, None).await, Err(DownloadError::Objects(_))));
    app.objects.set_down(false);
    app.objects.put(file.id, b"other length");
    assert!(matches!(app.downloads.open(&file, None).await, Err(DownloadError::Lost)));
    assert!(matches!(app.downloads.look(&file).await, Err(DownloadError::Lost)));
}

#[pollster::test]
async fn files_and_lists_have_at_most_as_many_rows_as_the_quotas_say() {
    let quotas = Quotas { max_files: 2, max_allowed: 3, ..Quotas::default() };
    let app = TestApp::new().with_quotas(quotas);
    let shop = app.shop("ada").await;
    let file = upload(&app, &shop, new_file("list", FileAccess::Allowlist)).await;
    upload(&app, &shop, new_file("second", FileAccess::Public)).await;
    let third = try_upload(&app, &shop, new_file("third", FileAccess::Public), b"x").await;
    let too_many = FileError::TooMany(QuotaExceeded::Files(2)).to_string();
    assert_eq!(third.unwrap_err().to_string(), too_many);
    assert_eq!(app.objects.count(), 2);

    let (creator, name) = (&shop.creator, &shop.handle.name);
    let allow = async |address: &str| {
        app.files.allow(creator, name, &file.slug, email(address)).await.map(|(_, is_new)| is_new)
    };
    let allow_many = async |addresses: &[&str]| {
        let lines: Vec<_> = addresses.iter().map(ToString::to_string).collect();
        app.files.allow_many(creator, name, &file.slug, &lines, false).await
    };
    let full = |error: FileError| matches!(error, FileError::TooMany(QuotaExceeded::Allowed(3)));
    assert!(allow("one@example.com").await.unwrap());
    let four = ["two@example.com", "three@example.com", "four@example.com"];
    assert!(full(allow_many(&four).await.unwrap_err()));
    assert_eq!(allow_many(&four[..2]).await.unwrap().added, 2);
    assert!(full(allow("four@example.com").await.unwrap_err()));
    assert!(!allow("one@example.com").await.unwrap(), "it is on the list");
    app.files.disallow(creator, name, &file.slug, &email("one@example.com")).await.unwrap();
    assert!(allow("four@example.com").await.unwrap());
}
