//! Where visitors go on after they paid or turned back.

use tollgate_domain::{
    checkout::{CheckoutError, ReturnUrls},
    validation::Field,
};

use crate::Sale;

#[pollster::test]
async fn a_frontend_says_where_the_visitor_goes_on() {
    let sale = Sale::new().await;
    let urls = ReturnUrls {
        success: Some("https://example.com/thanks".into()),
        cancel: Some("http://localhost:3000/back".into()),
    };
    let (name, slug) = (sale.shop.handle.name.clone(), sale.page.slug.clone());
    let started = sale.app.checkouts.start(name, slug, Some(sale.bob.hash()), urls).await.unwrap();
    let session = sale.app.payments.session_at(&started.url).unwrap();
    let early = sale.app.checkouts.complete_return(started.id, None).await.unwrap();
    assert_eq!(early.success_url, None, "nothing was paid yet");
    sale.app.payments.pay(&session).unwrap();
    sale.app.clock.advance_seconds(3);
    let stranger = sale.app.sign_in("eve@example.com").await;
    for other in [None, Some(stranger.hash())] {
        let back = sale.app.checkouts.complete_return(started.id, other).await.unwrap();
        assert_eq!(back.success_url, None, "it leads on for the buyer alone");
    }
    let bob = Some(sale.bob.hash());
    let back = sale.app.checkouts.complete_return(started.id, bob).await.unwrap();
    assert_eq!(back.success_url.as_deref(), Some("https://example.com/thanks"));
    assert_eq!((&back.handle, &back.slug), (&sale.shop.handle.name, &sale.page.slug));
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn an_open_pay_page_leads_on_to_where_the_newest_request_wants() {
    let sale = Sale::new().await;
    let ask = async |success: Option<&str>| {
        let urls = ReturnUrls { success: success.map(Into::into), cancel: None };
        let (name, slug) = (sale.shop.handle.name.clone(), sale.page.slug.clone());
        sale.app.checkouts.start(name, slug, Some(sale.bob.hash()), urls).await.unwrap()
    };
    let first = ask(None).await;
    for target in [Some("https://one.example/thanks"), None, Some("https://two.example/")] {
        let again = ask(target).await;
        assert_eq!((again.id, &again.url), (first.id, &first.url));
    }
    sale.app.payments.pay(&sale.app.payments.session_at(&first.url).unwrap()).unwrap();
    let bob = Some(sale.bob.hash());
    let back = sale.app.checkouts.complete_return(first.id, bob).await.unwrap();
    assert_eq!(back.success_url.as_deref(), Some("https://two.example/"));
}

#[pollster::test]
async fn addresses_that_are_not_plain_web_addresses_are_refused() {
    let sale = Sale::new().await;
    let (name, slug) = (sale.shop.handle.name.clone(), sale.page.slug.clone());
    let long = format!("https://example.com/{}", "a".repeat(2_000));
    for url in [
        "",
        "/thanks",
        "//evil.example",
        "javascript:alert(1)",
        "https:/evil.example",
        "https://a@evil.example/",
        "https://example.com/\\",
        "https://exa mple.com",
        "data:,x",
        "ftp://example.com/",
        "http://example.com/",
        "http://evil.example#.tollgate.localhost",
        "http://evil.example/?.localhost",
        "https://x;sandbox/",
        "https://",
        "https:///evil.example",
        "https://exa%6dple.com/",
        "https://example.com/\u{dc}",
        &long,
    ] {
        for urls in [
            ReturnUrls { success: Some(url.into()), cancel: None },
            ReturnUrls { success: None, cancel: Some(url.into()) },
        ] {
            let field = if urls.success.is_some() { Field::SuccessUrl } else { Field::CancelUrl };
            let result = sale
                .app
                .checkouts
                .start(name.clone(), slug.clone(), Some(sale.bob.hash()), urls)
                .await;
            let Err(CheckoutError::Invalid(errors)) = result else { panic!("{url:?} is taken") };
            assert_eq!(errors.fields().keys().collect::<Vec<_>>(), [&field]);
        }
    }
    assert!(sale.app.store.orders().is_empty());
}
