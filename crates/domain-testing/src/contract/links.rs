//! What every maker of addresses has to keep to.

use std::{collections::BTreeSet, sync::Arc};

use url::Url;

use crate::{a_token, email, handle_name, slug};
use tollgate_domain::{
    id::{CheckoutId, PurchaseId},
    installation::{HostKind, Installation},
    links::{Destination, Links},
    token::Token,
};

/// Expands to one test a case. `$test` is the attribute that makes a test of a function; `$make` is a
/// `fn(Installation) -> Arc<dyn Links>` that gives the addresses of an installation.
#[macro_export]
macro_rules! links_contract {
    (#[$test:meta] $make:path) => {
        $crate::links_contract! { @cases #[$test] $make;
            addresses_are_absolute_and_on_the_right_host,
            each_address_is_another_one,
            an_address_holds_what_it_is_about,
            the_address_of_a_person_holds_any_address_of_theirs,
            a_path_leads_to_what_it_was_made_for,
            the_address_of_a_page_leads_to_it_under_its_handle_alone,
            the_address_that_a_buyer_comes_back_to_names_the_order_under_its_handle_alone,
            the_address_of_a_receipt_leads_to_its_purchase,
        }
    };
    (@cases #[$test:meta] $make:path; $($case:ident),* $(,)?) => {$(
        #[$test]
        fn $case() {
            $crate::contract::links::$case($make);
        }
    )*};
}

type Make = fn(Installation) -> Arc<dyn Links>;

/// An installation with https, and one on this machine with a port.
const DOMAINS: [&str; 2] = ["example.com", "tollgate.localhost:8080"];

fn installation(domain: &str) -> Installation {
    Installation::new(domain).unwrap()
}

/// What addresses are about.
struct About {
    checkout: CheckoutId,
    purchase: PurchaseId,
    token: Token,
    stop: String,
}

impl About {
    fn new() -> Self {
        Self {
            checkout: "chk_01j9z3k5v7w8x9y0z1a2b3c4d5".parse().unwrap(),
            purchase: "pur_01j9z3k5v7w8x9y0z1a2b3c4d6".parse().unwrap(),
            token: a_token(),
            stop: "c3RvcC1tYWlscy1vZi1hZGE_-A".to_owned(),
        }
    }

    /// Returns each address that there is about these at the handle `ada`, with the host that it is on.
    fn addresses(&self, links: &dyn Links) -> Vec<(HostKind, String)> {
        let (ada, guide) = (handle_name("ada"), slug("guide"));
        let Self { checkout, purchase, token, stop } = self;
        let at_handle = [
            links.page(&ada, &guide),
            links.checkout_return(&ada, &guide, *checkout),
            links.group_buy(&ada, &guide),
            links.verify(Some(&ada), token),
            links.stop_mails(&ada, stop),
        ];
        let at_root =
            [links.receipt(*purchase), links.verify(None, token), links.confirm_move(token)];
        let at_app = [
            links.own_group_buy(&ada, &guide),
            links.activate_group_buy(&ada, &guide),
            links.verify_creator_email(token),
            links.reset_password(token),
            links.revenue(&ada),
            links.dispute(&ada, *purchase),
            links.refund(&ada, *purchase),
            links.person(&ada, &email("bob@example.com")),
        ];
        let at_handle = at_handle.map(|address| (HostKind::Handle(ada.clone()), address));
        let at_root = at_root.map(|address| (HostKind::Root, address));
        let at_app = at_app.map(|address| (HostKind::App, address));
        at_handle.into_iter().chain(at_root).chain(at_app).collect()
    }
}

/// The scheme and the port are those of the installation, too.
pub fn addresses_are_absolute_and_on_the_right_host(make: Make) {
    for domain in DOMAINS {
        let installation = installation(domain);
        let links = make(installation.clone());
        for (host, address) in About::new().addresses(&*links) {
            assert_eq!(installation.own_host_of(&address), Some(host), "{address}");
            // As it is shown, it is what a browser makes of it.
            assert_eq!(Url::parse(&address).unwrap().as_str(), address);
        }
    }
}

pub fn each_address_is_another_one(make: Make) {
    let links = make(installation("example.com"));
    let about = About::new();
    let addresses = about.addresses(&*links).into_iter().map(|(_, address)| address);
    let distinct: BTreeSet<String> = addresses.collect();
    assert_eq!(distinct.len(), 16, "{distinct:?}");
    let (ada, bob, guide, other) =
        (handle_name("ada"), handle_name("bob"), slug("guide"), slug("other"));
    assert_ne!(links.page(&ada, &guide), links.page(&ada, &other));
    assert_ne!(links.group_buy(&ada, &guide), links.group_buy(&ada, &other));
    assert_ne!(links.own_group_buy(&ada, &guide), links.own_group_buy(&bob, &guide));
    assert_ne!(links.activate_group_buy(&ada, &guide), links.activate_group_buy(&ada, &other));
    assert_ne!(links.revenue(&ada), links.revenue(&bob));
    assert_ne!(links.dispute(&ada, about.purchase), links.dispute(&bob, about.purchase));
    assert_ne!(links.refund(&ada, about.purchase), links.refund(&bob, about.purchase));
    let person = email("bob@example.com");
    assert_ne!(links.person(&ada, &person), links.person(&bob, &person));
}

/// A token is written literally, since people copy it from a mail.
pub fn an_address_holds_what_it_is_about(make: Make) {
    let links = make(installation("example.com"));
    let (ada, guide) = (handle_name("ada"), slug("guide"));
    let About { checkout, purchase, token, stop } = About::new();
    let texts = [token.reveal(), checkout.to_string(), purchase.to_string(), stop.clone()];
    let [token_text, checkout_text, purchase_text, stop_text] =
        texts.each_ref().map(String::as_str);
    for (address, part) in [
        (links.verify(Some(&ada), &token), token_text),
        (links.verify(None, &token), token_text),
        (links.verify_creator_email(&token), token_text),
        (links.reset_password(&token), token_text),
        (links.confirm_move(&token), token_text),
        (links.stop_mails(&ada, &stop), stop_text),
        (links.checkout_return(&ada, &guide, checkout), checkout_text),
        (links.receipt(purchase), purchase_text),
        (links.dispute(&ada, purchase), purchase_text),
        (links.refund(&ada, purchase), purchase_text),
    ] {
        assert!(address.contains(part), "{address}");
    }
}

pub fn the_address_of_a_person_holds_any_address_of_theirs(make: Make) {
    let links = make(installation("example.com"));
    for text in ["bob@example.com", "bob+a&b=c@example.com", "b#%41?/{x}@example.com"] {
        let address = links.person(&handle_name("ada"), &email(text));
        let url = Url::parse(&address).unwrap();
        assert!(url.query_pairs().any(|(_, value)| value == text), "{address}");
        assert_eq!(url.fragment(), None, "{address}");
    }
}

pub fn a_path_leads_to_what_it_was_made_for(make: Make) {
    let installation = installation("example.com");
    let links = make(installation.clone());
    let (ada, guide) = (handle_name("ada"), slug("guide"));
    let origin = installation.handle_origin(&ada);
    for (address, leads_to) in [
        (links.page(&ada, &guide), Destination::Page(guide.clone())),
        (links.group_buy(&ada, &guide), Destination::GroupBuy(guide.clone())),
    ] {
        let path = address.strip_prefix(&*origin).unwrap();
        for path in [path.to_owned(), format!("{path}?x=/1"), format!("{path}#x")] {
            assert_eq!(links.destination(&path), Some(leads_to.clone()), "{path}");
        }
        assert_eq!(links.destination(&format!("/{path}")), None, "/{path}");
    }
    for path in ["", "/", "//", "guide"] {
        assert_eq!(links.destination(path), None, "{path}");
    }
}

/// Returns addresses that are like one of `example.com` and are none of it.
fn foreign(address: &str) -> Vec<String> {
    let (host, path) = address.split_once("example.com").unwrap();
    let (_, label) = host.split_once("https://").unwrap();
    vec![
        String::new(),
        path.to_owned(),
        host.to_owned(),
        format!("https://{label}example.org{path}"),
        format!("http://{label}example.com{path}"),
        format!("https://{label}example.com:8080{path}"),
        format!("https://{label}example.com.example.org{path}"),
        format!("https://{label}example.com@example.org{path}"),
        format!("https://other.{label}example.com{path}"),
    ]
}

pub fn the_address_of_a_page_leads_to_it_under_its_handle_alone(make: Make) {
    let links = make(installation("example.com"));
    let (ada, guide) = (handle_name("ada"), slug("guide"));
    let page = links.page(&ada, &guide);
    for address in [page.clone(), format!("{page}?x=/1"), format!("{page}#x")] {
        assert_eq!(links.page_at(&ada, &address), Some(guide.clone()), "{address}");
        assert_eq!(links.page_at(&handle_name("bob"), &address), None, "{address}");
    }
    let others =
        ["https://ada.example.com", "https://ada.example.com/", "https://example.com/guide"];
    let others = others.map(str::to_owned).into_iter().chain([links.group_buy(&ada, &guide)]);
    for address in foreign(&page).into_iter().chain(others) {
        assert_eq!(links.page_at(&ada, &address), None, "{address}");
    }
}

pub fn the_address_that_a_buyer_comes_back_to_names_the_order_under_its_handle_alone(make: Make) {
    let links = make(installation("example.com"));
    let (ada, checkout) = (handle_name("ada"), About::new().checkout);
    for page in ["guide", "another"] {
        let back = links.checkout_return(&ada, &slug(page), checkout);
        assert_eq!(links.returned_from(&ada, &back), Some(checkout), "{back}");
        assert_eq!(links.returned_from(&handle_name("bob"), &back), None, "{back}");
        let others = [links.page(&ada, &slug(page)), back.replace("chk_", "pur_")];
        for address in foreign(&back).into_iter().chain(others) {
            assert_eq!(links.returned_from(&ada, &address), None, "{address}");
        }
    }
}

pub fn the_address_of_a_receipt_leads_to_its_purchase(make: Make) {
    let links = make(installation("example.com"));
    let About { purchase, .. } = About::new();
    let receipt = links.receipt(purchase);
    for address in [receipt.clone(), format!("{receipt}?x=/1"), format!("{receipt}#x")] {
        assert_eq!(links.receipt_at(&address), Some(purchase), "{address}");
    }
    let other = links.dispute(&handle_name("ada"), purchase);
    for address in foreign(&receipt).into_iter().chain([other]) {
        assert_eq!(links.receipt_at(&address), None, "{address}");
    }
}
