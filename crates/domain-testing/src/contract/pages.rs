//! Pages.

use super::fixture::{Begin, Fixture, count_true, just_before, parallel, walk};
use crate::{a_page, a_purchase, an_order, at, money, slug, start_of_time};
use tollgate_domain::{
    creators::{AccessMode, Page, PageLabel, PageOverview, PageStatus, PricedPage},
    id::HandleId,
    paging::PageRequest,
    store::Stores,
};

async fn keep_page(on: &Stores, page: &Page) -> bool {
    on.commit(async |unit| unit.pages().insert(page).await).await
}

pub async fn a_page_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut page = a_page().of(&fixture.handle).paid(5_120, "kwd").created_at(at(3)).build();
    page.title = "Ünïcode ☃ '\" -- %_".into();
    page.teaser = "a\nb\r\n\tc".into();
    page.body = String::new();
    page.updated_at = at(4);
    assert!(keep_page(&fixture.on, &page).await);
    let read = fixture.on.creators.page(fixture.handle.id, &page.slug).await.unwrap();
    assert_eq!(read.as_ref(), Some(&page));
    let mut unit = fixture.begin().await;
    assert_eq!(unit.pages().find(page.id).await.unwrap(), Some(page));
    assert_eq!(unit.pages().find(a_page().build().id).await.unwrap(), None);
    drop(unit);
    let unknown = fixture.on.creators.page(fixture.handle.id, &slug("nothing")).await;
    assert_eq!(unknown.unwrap(), None);
    let elsewhere = fixture.another_handle().await;
    let elsewhere = fixture.on.creators.page(elsewhere.id, &fixture.page.slug).await;
    assert_eq!(elsewhere.unwrap(), None);
}

/// A page that is not paid keeps its price for later.
pub async fn a_page_of_every_mode_status_and_price_comes_back(on: Stores) {
    let fixture = Fixture::new(on).await;
    for mode in [AccessMode::Public, AccessMode::FreeWithLogin, AccessMode::Paid] {
        for status in [PageStatus::Draft, PageStatus::Published, PageStatus::Archived] {
            for price in [None, Some(money(1_200, "jpy")), Some(money(999_999_999_999, "idr"))] {
                let mut page = a_page().of(&fixture.handle).build();
                page.mode = mode;
                page.status = status;
                page.price = price.or((mode == AccessMode::Paid).then(|| money(50, "usd")));
                assert!(keep_page(&fixture.on, &page).await);
                let read = fixture.on.creators.page(fixture.handle.id, &page.slug).await.unwrap();
                assert_eq!(read, Some(page));
            }
        }
    }
}

/// That a slug is taken is an answer. Other handles are not concerned.
pub async fn a_slug_is_used_once_under_a_handle(on: Stores) {
    let fixture = Fixture::new(on).await;
    let again = a_page().of(&fixture.handle).slug(fixture.page.slug.as_str()).build();
    assert!(!keep_page(&fixture.on, &again).await);
    let other = fixture.another_handle().await;
    let elsewhere = a_page().of(&other).slug(fixture.page.slug.as_str()).build();
    assert!(keep_page(&fixture.on, &elsewhere).await);
    let kept = parallel(10, async |_| {
        keep_page(&fixture.on, &a_page().of(&fixture.handle).slug("wanted").build()).await
    })
    .await;
    assert_eq!(count_true(&kept), 1);
}

/// The instant of the last change tells versions apart.
pub async fn a_page_is_changed_only_if_unchanged(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut edited = fixture.page.clone();
    edited.title = "New".into();
    edited.teaser = "New teaser".into();
    edited.body = "New body".into();
    edited.mode = AccessMode::FreeWithLogin;
    edited.price = None;
    edited.status = PageStatus::Archived;
    edited.updated_at = at(1);
    let mut unit = fixture.begin().await;
    let pages = unit.pages();
    assert!(!pages.update(&edited, just_before(start_of_time())).await.unwrap());
    assert!(!pages.update(&edited, at(1)).await.unwrap());
    assert_eq!(pages.find(edited.id).await.unwrap().as_ref(), Some(&fixture.page));
    assert!(pages.update(&edited, start_of_time()).await.unwrap());
    assert!(!pages.update(&fixture.page, start_of_time()).await.unwrap());
    unit.commit().await.unwrap();
    let found = fixture.on.creators.page(fixture.handle.id, &fixture.page.slug).await.unwrap();
    assert_eq!(found, Some(edited));
    let mut unit = fixture.begin().await;
    let unknown = a_page().of(&fixture.handle).build();
    assert!(!unit.pages().update(&unknown, unknown.updated_at).await.unwrap());
}

/// Of two editors, one is told to look again.
pub async fn of_parallel_changes_of_one_version_one_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let changed = parallel(10, async |number: usize| {
        let title = format!("Version {number}");
        let page = Page { title, updated_at: at(1), ..fixture.page.clone() };
        fixture.commit(async |unit| unit.pages().update(&page, start_of_time()).await).await
    })
    .await;
    assert_eq!(count_true(&changed), 1);
    let winner = changed.iter().position(|changed| *changed).unwrap();
    let found = fixture.on.creators.page(fixture.handle.id, &fixture.page.slug).await.unwrap();
    assert_eq!(found.map(|page| page.title), Some(format!("Version {winner}")));
}

async fn pages_in_parts(
    fixture: &Fixture,
    handle: HandleId,
    status: Option<PageStatus>,
    limit: u32,
) -> Vec<Page> {
    let part = async |request: PageRequest| {
        fixture.on.creators.pages_of(handle, status, &request).await.unwrap()
    };
    walk(limit, part).await
}

/// The instant at which they were made decides. Pages of the same instant and parts of every size are tried.
pub async fn pages_are_listed_newest_first_in_parts(on: Stores) {
    let fixture = Fixture::new(on).await;
    let handle = fixture.another_handle().await;
    assert_eq!(pages_in_parts(&fixture, handle.id, None, 10).await, vec![]);
    for second in [2, 1, 2, 3, 2] {
        let mut page = a_page().of(&handle).created_at(at(second)).build();
        page.updated_at = at(9 - second);
        assert!(keep_page(&fixture.on, &page).await);
    }
    let whole = pages_in_parts(&fixture, handle.id, None, 100).await;
    let times: Vec<_> = whole.iter().map(|page| page.created_at).collect();
    assert_eq!(times, [3, 2, 2, 2, 1].map(at).to_vec());
    for limit in [1, 2, 4, 5, 6] {
        let parts = pages_in_parts(&fixture, handle.id, None, limit).await;
        assert_eq!(parts, whole, "in parts of {limit}");
    }
}

pub async fn pages_are_listed_by_status(on: Stores) {
    let fixture = Fixture::new(on).await;
    let handle = fixture.another_handle().await;
    let made = |second| a_page().of(&handle).created_at(at(second));
    let pages = [
        made(1).published(),
        made(2),
        made(3).published(),
        made(4).archived(),
        made(5).published(),
        made(6),
    ];
    for page in pages {
        assert!(keep_page(&fixture.on, &page.build()).await);
    }
    for (status, expected) in [
        (Some(PageStatus::Published), vec![5, 3, 1]),
        (Some(PageStatus::Draft), vec![6, 2]),
        (Some(PageStatus::Archived), vec![4]),
        (None, vec![6, 5, 4, 3, 2, 1]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(at).collect();
        for limit in [1, 2, 3, 10] {
            let found = pages_in_parts(&fixture, handle.id, status, limit).await;
            let times: Vec<_> = found.iter().map(|page| page.created_at).collect();
            assert_eq!(times, expected, "{status:?} in parts of {limit}");
        }
    }
}

async fn delete(fixture: &Fixture, page: &Page) -> bool {
    fixture.commit(async |unit| unit.pages().delete_if_unused(page.id, page.updated_at).await).await
}

pub async fn an_unused_page_is_deleted_and_its_slug_is_free(on: Stores) {
    let fixture = Fixture::new(on).await;
    let earlier = Page { updated_at: at(-1), ..fixture.page.clone() };
    assert!(!delete(&fixture, &earlier).await, "it was changed in between");
    assert!(delete(&fixture, &fixture.page).await);
    assert!(!delete(&fixture, &fixture.page).await);
    let gone = fixture.on.creators.page(fixture.handle.id, &fixture.page.slug).await.unwrap();
    assert_eq!(gone, None);
    let again = a_page().of(&fixture.handle).slug(fixture.page.slug.as_str()).build();
    assert!(keep_page(&fixture.on, &again).await);
}

pub async fn a_page_with_an_order_a_purchase_or_a_visit_is_not_deleted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let ordered = fixture.page(a_page().paid(700, "usd").published()).await;
    let mut order = an_order(&fixture.visitor, &ordered).build();
    order.status = tollgate_domain::checkout::OrderStatus::Expired;
    assert!(fixture.keep_order(&order).await);
    let given = fixture.page(a_page().paid(700, "usd").published()).await;
    let mut gift = a_purchase(&an_order(&fixture.visitor, &given).build()).build();
    gift.payment = None;
    fixture.keep_gift(&gift).await;
    let visited = fixture.page(a_page().free_with_login().published()).await;
    fixture.visit(&fixture.visitor, &visited, at(1)).await;
    for page in [ordered, given, visited] {
        assert!(!delete(&fixture, &page).await);
        let kept = fixture.on.creators.page(fixture.handle.id, &page.slug).await.unwrap();
        assert_eq!(kept, Some(page));
    }
}

pub async fn pages_of_a_handle_are_counted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    fixture.page(a_page()).await;
    let mut unit = fixture.begin().await;
    assert_eq!(unit.pages().count_of(fixture.handle.id).await.unwrap(), 2);
    assert_eq!(unit.pages().count_of(other.id).await.unwrap(), 0);
}

/// A list to choose from is not cut off, and needs no texts.
pub async fn every_page_is_listed_by_its_label(on: Stores) {
    let fixture = Fixture::new(on).await;
    let handle = fixture.another_handle().await;
    assert_eq!(fixture.on.creators.page_labels(handle.id).await.unwrap(), vec![]);
    for second in 0..101 {
        let page = a_page().of(&handle).created_at(at(second)).paid(100 + second, "eur");
        let page = if second % 2 == 0 { page.archived() } else { page };
        assert!(keep_page(&fixture.on, &page.build()).await);
    }
    let pages = pages_in_parts(&fixture, handle.id, None, 50).await;
    let labels: Vec<_> = pages.iter().map(PageLabel::from).collect();
    let found = fixture.on.creators.page_labels(handle.id).await.unwrap();
    assert_eq!((found.len(), &found), (101, &labels));
    for status in [None, Some(PageStatus::Archived), Some(PageStatus::Draft)] {
        let part = async |request: PageRequest| {
            fixture.on.creators.labels_of(handle.id, status, &request).await.unwrap()
        };
        let of_status = |label: &&PageLabel| status.is_none_or(|status| label.status == status);
        let expected: Vec<_> = labels.iter().filter(of_status).cloned().collect();
        assert_eq!(walk(30, part).await, expected, "{status:?}");
    }
}

/// However many others are newer.
pub async fn an_overview_counts_pages_and_names_what_is_for_sale(on: Stores) {
    let fixture = Fixture::new(on).await;
    let handle = fixture.another_handle().await;
    let overview = async || fixture.on.creators.page_overview(handle.id).await.unwrap();
    assert_eq!(overview().await, PageOverview::default());
    let made = |second| a_page().of(&handle).created_at(at(second));
    let counted = |all: &PageOverview| (all.total, all.published);
    let archived = made(9).paid(100, "usd").archived().build();
    assert!(keep_page(&fixture.on, &archived).await);
    let found = overview().await;
    assert_eq!((counted(&found), found.newest, found.priced), ((1, 0), Some(archived.slug), None));
    // What is for sale precedes a draft; otherwise the newest one counts.
    for (page, pages, is_offered) in [
        (made(5).paid(200, "usd"), (2, 0), false),
        (made(6).paid(300, "eur"), (3, 0), false),
        (made(1).paid(400, "usd").published(), (4, 1), true),
        (made(2).paid(500, "jpy").published(), (5, 2), true),
    ] {
        let page = page.build();
        assert!(keep_page(&fixture.on, &page).await);
        let found = overview().await;
        let (slug, title, status) = (page.slug.clone(), page.title.clone(), page.status);
        let priced = PricedPage { slug, title, price: page.price.unwrap(), status };
        assert_eq!(found.priced, Some(priced), "{found:?}");
        assert_eq!((counted(&found), found.offered().is_some()), (pages, is_offered));
    }
    let for_sale = overview().await.priced;
    let newest = made(10).build();
    for page in [&made(3).published().build(), &newest] {
        assert!(keep_page(&fixture.on, page).await);
    }
    let all = overview().await;
    assert_eq!((counted(&all), all.newest, all.priced), ((7, 3), Some(newest.slug), for_sale));
}
