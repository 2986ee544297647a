//! Files that change or go while they are shown or changed elsewhere.

use futures_util::future::join;
use tollgate_domain::{
    access::Reason,
    clock::just_after,
    creators::HandleChange,
    files::{File, FileAccess, FileChange, FileError},
    store::UnitOfWork,
    version::BasedOn,
};
use tollgate_domain_testing::{Shop, TestApp, a_page, slug};

use super::{claim, new_file, reason, upload};

#[pollster::test]
async fn changes_keep_to_the_rules_between_fields() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().slug("guide").published()).await;
    let file = upload(&app, &shop, new_file("mine", FileAccess::Public)).await;
    upload(&app, &shop, new_file("other", FileAccess::Public)).await;
    let change = async |change: FileChange| {
        let handle = &shop.handle.name;
        app.files.change(&shop.creator, handle, &file.slug, change, &BasedOn::Any).await
    };
    let none = FileChange::default;
    for bad in [
        FileChange { access: Some(FileAccess::Page), ..none() },
        FileChange { page_slug: Some(Some(slug("guide"))), ..none() },
        FileChange { name: Some("a/b".into()), ..none() },
        FileChange {
            access: Some(FileAccess::Page),
            page_slug: Some(Some(slug("nothing"))),
            ..none()
        },
    ] {
        assert!(matches!(change(bad).await, Err(FileError::Invalid(_))));
    }
    let taken = change(FileChange { slug: Some(slug("other")), ..none() }).await;
    assert!(matches!(taken, Err(FileError::SlugTaken)));
    let attach = FileChange {
        access: Some(FileAccess::Page),
        page_slug: Some(Some(slug("guide"))),
        ..none()
    };
    let attached = change(attach).await.unwrap();
    assert_eq!(attached.page.unwrap().id, page.id);
    let detached = change(FileChange { page_slug: Some(None), ..none() }).await;
    assert!(matches!(detached, Err(FileError::Invalid(_))), "it would have no gate");
    let named = change(FileChange { name: Some("New.txt".into()), ..none() }).await.unwrap();
    assert_eq!((named.access, named.page.is_some()), (FileAccess::Page, true));
    // Once the page is gone, the file is the creator's alone, and can still be renamed and given away.
    app.pages.delete(&shop.creator, &shop.handle.name, &page.slug, &BasedOn::Any).await.unwrap();
    assert_eq!(reason(&app, &shop, &file, claim(None)).await, None);
    change(FileChange { name: Some("Newer.txt".into()), ..none() }).await.unwrap();
    let public = FileChange { access: Some(FileAccess::Public), page_slug: Some(None), ..none() };
    change(public).await.unwrap();
    assert_eq!(reason(&app, &shop, &file, claim(None)).await, Some(Reason::Public));
}

#[pollster::test]
async fn a_file_that_was_changed_since_is_not_deleted() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let file = upload(&app, &shop, new_file("mine", FileAccess::Public)).await;
    let (creator, name, slug) = (&shop.creator, &shop.handle.name, &file.slug);
    let change = FileChange { name: Some("Newer.txt".into()), ..FileChange::default() };
    let newer = app.files.change(creator, name, slug, change, &BasedOn::Any).await.unwrap();
    let (outdated, current) = (BasedOn::from(file.version()), BasedOn::from(newer.version()));
    let refused = app.files.delete(creator, name, slug, &outdated).await;
    assert!(matches!(refused, Err(FileError::VersionConflict)), "{refused:?}");
    app.files.delete(creator, name, slug, &current).await.unwrap();
    let gone = app.files.owned(creator, name, slug).await;
    assert!(matches!(gone, Err(FileError::NotFound)));
}

#[pollster::test]
async fn a_change_of_a_file_to_what_is_there_makes_no_version() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    app.page(&shop, a_page().slug("guide")).await;
    let file = upload(&app, &shop, new_file("mine", FileAccess::Page)).await;
    let same = FileChange {
        slug: Some(file.slug.clone()),
        name: Some(file.name.clone()),
        access: Some(file.access),
        page_slug: Some(Some(slug("guide"))),
    };
    for change in [same, FileChange::default()] {
        let (creator, name) = (&shop.creator, &shop.handle.name);
        assert_eq!(
            app.files.change(creator, name, &file.slug, change, &BasedOn::Any).await.unwrap(),
            file
        );
    }
}

/// Uploads a file that becomes the picture of the shop.
async fn shown_picture(app: &TestApp, shop: &Shop) -> File {
    let file = upload(app, shop, new_file("mine", FileAccess::Public)).await;
    let show = HandleChange { picture: Some(Some(file.slug.clone())), ..HandleChange::default() };
    app.handles.change(&shop.creator, &shop.handle.name, show, &BasedOn::Any).await.unwrap();
    file
}

#[pollster::test]
async fn the_picture_of_a_shop_goes_with_its_file() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let file = shown_picture(&app, &shop).await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let picture = async || app.handles.owned(creator, name).await.unwrap().picture;
    let change = FileChange { slug: Some(slug("portrait")), ..FileChange::default() };
    let renamed = app.files.change(creator, name, &file.slug, change, &BasedOn::Any).await.unwrap();
    assert_eq!(picture().await, Some(renamed.slug.clone()));
    let other = upload(&app, &shop, new_file("other", FileAccess::Public)).await;
    app.files.delete(creator, name, &other.slug, &BasedOn::Any).await.unwrap();
    assert_eq!(picture().await, Some(renamed.slug.clone()));
    app.files.delete(creator, name, &renamed.slug, &BasedOn::Any).await.unwrap();
    assert_eq!(picture().await, None);
}

/// Ends a unit of work that another use case waits for, once it does.
async fn commit_later(mut unit: Box<dyn UnitOfWork>, file: &File) {
    // Each call lets the others go first.
    for _ in 0..20 {
        unit.files().lock(file.id).await.unwrap();
    }
    unit.commit().await.unwrap();
}

#[pollster::test]
async fn a_picture_whose_file_is_renamed_while_it_is_deleted_goes_with_it() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let file = shown_picture(&app, &shop).await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let to = slug("portrait");
    let renamed =
        File { slug: to.clone(), updated_at: just_after(file.updated_at), ..file.clone() };
    let mut unit = app.unit().await;
    assert!(unit.files().update(&renamed, file.updated_at).await.unwrap());
    unit.handles().replace_picture(shop.handle.id, &file.slug, Some(to)).await.unwrap();
    let delete = app.files.delete(creator, name, &file.slug, &BasedOn::Any);
    let (deleted, ()) = join(delete, commit_later(unit, &file)).await;
    deleted.unwrap();
    assert_eq!(app.handles.owned(creator, name).await.unwrap().picture, None);
}

#[pollster::test]
async fn a_file_whose_page_is_deleted_while_it_changes_is_changed() {
    let to = |new: &str| FileChange { slug: Some(slug(new)), ..FileChange::default() };
    let called = FileChange { name: Some("Newer.txt".into()), ..FileChange::default() };
    for change in [to("portrait"), called] {
        let app = TestApp::new();
        let shop = app.shop("ada").await;
        let page = app.page(&shop, a_page().slug("guide")).await;
        let file = upload(&app, &shop, new_file("mine", FileAccess::Page)).await;
        let (creator, name) = (&shop.creator, &shop.handle.name);
        let mut unit = app.unit().await;
        assert!(unit.pages().delete_if_unused(page.id, page.updated_at).await.unwrap());
        let changing = app.files.change(creator, name, &file.slug, change, &BasedOn::Any);
        let (changed, ()) = join(changing, commit_later(unit, &file)).await;
        let changed = changed.unwrap();
        assert_eq!(changed.page, None);
        assert_ne!((&changed.slug, &changed.name), (&file.slug, &file.name));
        assert_eq!(app.files.owned(creator, name, &changed.slug).await.unwrap().1, changed);
    }
}
