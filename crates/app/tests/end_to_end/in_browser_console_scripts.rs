//! Tests of what the scripts of the console add in Chromium. Nothing that they do is needed.

use std::{fs, path::PathBuf};

use serde_json::json;

use crate::support::{Backend, Chrome, Place, RIGHT, Server, TAB, until_so};

on_the_embedded_database!(
    address_of_a_page_follows_its_title_until_it_is_typed,
    texts_show_their_length_and_leaving_them_unsaved_asks_first,
    toolbar_puts_markdown_around_what_is_selected,
    toolbar_is_one_stop_for_the_keyboard,
    preview_takes_the_place_of_the_texts_and_says_what_a_price_means,
    picture_is_uploaded_into_the_text,
    second_picture_stands_behind_the_first,
    picture_stands_at_the_end_of_a_text_that_nobody_has_been_in,
    upload_shows_its_progress_and_can_be_stopped,
    handle_is_suggested_and_its_address_is_shown,
    deadline_is_shown_in_the_time_zone_of_the_browser,
    revenue_finds_out_by_itself_that_stripe_is_ready,
);

/// The smallest picture: one pixel.
const PICTURE: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\
    \x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// Writes a file that a person has on the own disk.
fn file(place: &Place, name: &str, content: &[u8]) -> PathBuf {
    let path = place.path(name);
    fs::write(&path, content).unwrap();
    path
}

async fn writing(backend: Backend) -> (Server, Chrome) {
    let server = Server::fresh(backend).await;
    let chrome = server.console().await;
    chrome.open(&server.place.console("/ada/pages/new")).await;
    chrome.shows("Bold").await;
    (server, chrome)
}

async fn address_of_a_page_follows_its_title_until_it_is_typed(backend: Backend) {
    let (_server, chrome) = writing(backend).await;
    chrome.fill("Title", "Grüße aus Köln, l’été").await;
    assert_eq!(chrome.value("Address (optional)").await, "gruesse-aus-koeln-lete");
    chrome.fill("Address (optional)", "mine").await;
    chrome.fill("Title", "Something else").await;
    assert_eq!(chrome.value("Address (optional)").await, "mine");
    chrome.press("Save draft").await;
    chrome.refuses(&[("Price", "A page that is for sale needs a price.")]).await;
    assert_eq!(chrome.value("Address (optional)").await, "mine");
    chrome.is_quiet().await;
}

async fn texts_show_their_length_and_leaving_them_unsaved_asks_first(backend: Backend) {
    const ASKS: &str = "const leaving = new Event('beforeunload', { cancelable: true });
        return !window.dispatchEvent(leaving)";
    let (_server, chrome) = writing(backend).await;
    chrome.shows("0 of 64 KiB").await;
    assert_eq!(chrome.run(ASKS).await, false);
    chrome.paste("Text", "🌱 مرحبا").await;
    chrome.shows("1 of 64 KiB").await;
    assert_eq!(chrome.run(ASKS).await, true);
    chrome.paste("Teaser (optional)", &"x".repeat(10_001)).await;
    chrome.shows("10,001 of 10,000 characters. Too long.").await;
    chrome.paste("Teaser (optional)", "Short").await;
    chrome.stops_showing("Too long.").await;
    chrome.fill("Title", "Seeds").await;
    chrome.choose("Public").await;
    chrome.press("Save draft").await;
    chrome.shows("The draft is saved.").await;
    assert_eq!(chrome.value("Text").await, "🌱 مرحبا");
    assert_eq!(chrome.run(ASKS).await, false);
}

/// Selects the first of these words in the teaser.
async fn select(chrome: &Chrome, words: &str) {
    let script = format!(
        "const field = document.getElementById('teaser'), at = field.value.indexOf('{words}');
         field.focus(); field.setSelectionRange(at, at + {})",
        words.len()
    );
    chrome.run(&script).await;
}

async fn toolbar_puts_markdown_around_what_is_selected(backend: Backend) {
    let (_server, chrome) = writing(backend).await;
    let teaser = "Teaser (optional)";
    chrome.paste(teaser, "soil sun rain https://example.com code").await;
    for (words, button) in [
        ("soil", "Bold"),
        ("sun", "Italic"),
        ("rain", "Link"),
        ("https://example.com", "Link"),
        ("code", "Code"),
    ] {
        select(&chrome, words).await;
        chrome.press(button).await;
    }
    let value = chrome.value(teaser).await;
    assert_eq!(value, "**soil** _sun_ [rain](https://) [](https://example.com) `code`");
    for (button, marked) in
        [("Heading", "## one"), ("List", "- one"), ("Numbers", "1. one"), ("Quote", "> one")]
    {
        chrome.paste(teaser, "one").await;
        select(&chrome, "one").await;
        chrome.press(button).await;
        assert_eq!(chrome.value(teaser).await, marked);
    }
    chrome.paste(teaser, "a\nb").await;
    select(&chrome, "a\\nb").await;
    chrome.press("Numbers").await;
    assert_eq!(chrome.value(teaser).await, "1. a\n2. b");
    chrome.strike_with_control("z").await;
    assert_eq!(chrome.value(teaser).await, "a\nb");
    select(&chrome, "b").await;
    chrome.strike_with_control("b").await;
    assert_eq!(chrome.value(teaser).await, "a\n**b**");
    chrome.is_quiet().await;
}

async fn toolbar_is_one_stop_for_the_keyboard(backend: Backend) {
    let (_server, chrome) = writing(backend).await;
    chrome.tab_to("Preview").await;
    chrome.strike(TAB).await;
    assert_eq!(chrome.focus().await.as_deref(), Some("Bold"));
    chrome.strike(RIGHT).await;
    assert_eq!(chrome.focus().await.as_deref(), Some("Italic"));
    chrome.strike(TAB).await;
    assert_eq!(chrome.focus().await.as_deref(), Some("Teaser (optional)"));
    chrome.strike(TAB).await;
    assert_eq!(chrome.focus().await.as_deref(), Some("Bold"));
}

async fn preview_takes_the_place_of_the_texts_and_says_what_a_price_means(backend: Backend) {
    let (_server, chrome) = writing(backend).await;
    chrome.fill("Title", "Compost").await;
    chrome.fill("Text", "# Layers\n\n*Brown* and green.").await;
    chrome.press("Preview").await;
    chrome.shows("This shows what is in the form, saved or not.").await;
    chrome.shows("Layers Brown and green.").await;
    chrome.stops_showing("Behind the gate. Markdown works").await;
    let focus = "return document.activeElement.id";
    assert_eq!(chrome.run(focus).await, "preview");
    chrome.press("Write").await;
    chrome.stops_showing("This shows what is in the form, saved or not.").await;
    assert_eq!(chrome.value("Text").await, "# Layers\n\n*Brown* and green.");
    chrome.paste("Price", "12,50").await;
    chrome.shows("Buyers pay $12.50. About $12.50 arrives at your account.").await;
    // The field keeps the focus while it is typed into.
    chrome.fill("Price", "9.90").await;
    chrome.shows("Buyers pay $9.90. About $9.90 arrives at your account.").await;
    chrome.fill("Price", "9.90x").await;
    chrome.shows("This is not an amount.").await;
    chrome.stops_showing("Buyers pay").await;
    chrome.paste("Price", "12.345").await;
    chrome.shows("This can be read in two ways.").await;
    chrome.pick("Currency", "JPY").await;
    chrome.shows("Buyers pay ¥12,345.").await;
    chrome.is_quiet().await;
}

async fn picture_is_uploaded_into_the_text(backend: Backend) {
    let (server, chrome) = writing(backend).await;
    let add = "Add a picture, sound or video";
    chrome.paste("Text", "A harvest:").await;
    chrome.run("document.getElementById('body').setSelectionRange(10, 10)").await;
    chrome.attach(add, &[file(&server.place, "Ripe tomatoes.gif", PICTURE)]).await;
    chrome.shows("Uploaded, and put into the text.").await;
    let text = chrome.value("Text").await;
    assert_eq!(text, "A harvest:\n\n![](ripe-tomatoes)\n\n");
    // The description is typed where the cursor is.
    chrome.strike("Tomatoes").await;
    let text = chrome.value("Text").await;
    assert_eq!(text, "A harvest:\n\n![Tomatoes](ripe-tomatoes)\n\n");
    chrome.press("Preview").await;
    chrome.shows("This shows what is in the form, saved or not.").await;
    let shown = "const image = document.querySelector('#preview img');
        return image.complete && image.naturalWidth === 1 && image.alt === 'Tomatoes'";
    until_so("the picture is shown", async || chrome.run(shown).await == true).await;
    chrome.is_quiet().await;
    chrome.press("Write").await;
    chrome.attach(add, &[file(&server.place, "notes.txt", b"Only words.")]).await;
    chrome.shows("Browsers do not show this kind of file inside a page.").await;
    assert_eq!(chrome.value("Text").await, text);
    let is_error = "return document.getElementById('picture-file-told').matches('.error')
        && document.getElementById('picture-file').getAttribute('aria-invalid') === 'true'";
    assert_eq!(chrome.run(is_error).await, true);
    chrome.attach(add, &[file(&server.place, "Late.gif", PICTURE)]).await;
    chrome.shows("Uploaded, and put into the text.").await;
    assert_eq!(chrome.run(is_error).await, false);
}

/// The cursor waits between the brackets of the first one.
async fn second_picture_stands_behind_the_first(backend: Backend) {
    let (server, chrome) = writing(backend).await;
    let add = "Add a picture, sound or video";
    for (name, text) in [
        ("one.gif", "![](one)\n\n"),
        ("two.gif", "![](one)\n\n![](two)\n\n"),
        ("three.gif", "![](one)\n\n![](two)\n\n![](three)\n\n"),
    ] {
        chrome.attach(add, &[file(&server.place, name, PICTURE)]).await;
        until_so("the picture is in the text", async || chrome.value("Text").await == text).await;
    }
    chrome.strike("Pots").await;
    let text = chrome.value("Text").await;
    assert_eq!(text, "![](one)\n\n![](two)\n\n![Pots](three)\n\n");
    chrome.is_quiet().await;
}

async fn picture_stands_at_the_end_of_a_text_that_nobody_has_been_in(backend: Backend) {
    let (server, chrome) = writing(backend).await;
    let text = "Soil, sun and rain.\n\n".repeat(60);
    let text = text.trim_end();
    chrome.fill("Title", "Harvest").await;
    chrome.paste("Text", text).await;
    chrome.choose("Public").await;
    chrome.press("Save draft").await;
    chrome.shows("The draft is saved.").await;
    let add = "Add a picture, sound or video";
    chrome.attach(add, &[file(&server.place, "last.gif", PICTURE)]).await;
    chrome.shows("Uploaded, and put into the text.").await;
    assert_eq!(chrome.value("Text").await, format!("{text}\n\n![](last)\n\n"));
    let is_seen = "const field = document.getElementById('body');
        return field.scrollTop > 0
            && field.scrollTop + field.clientHeight >= field.scrollHeight - 1";
    assert_eq!(chrome.run(is_seen).await, true);
    chrome.is_quiet().await;
}

async fn upload_shows_its_progress_and_can_be_stopped(backend: Backend) {
    const IS_SAME_PAGE: &str = "return window.isMarked === true";
    let place = Place::new(backend).await.with("TOLLGATE_MAX_FILE_BYTES", "5000000");
    let server = place.serve().await;
    let chrome = server.console().await;
    chrome.open(&server.place.console("/ada/files")).await;
    chrome.run("window.isMarked = true").await;
    chrome.choose("Everybody").await;
    let large = file(&server.place, "large.bin", &vec![0; 5_000_001]);
    chrome.attach("Files", &[large]).await;
    chrome.press("Upload").await;
    chrome.shows("“large.bin” is larger than 4.7 MiB. Nothing was uploaded").await;

    chrome.run("document.getElementById('file').value = ''").await;
    let soil = file(&server.place, "soil.bin", &vec![1; 4_000_000]);
    chrome.attach("Files", &[soil]).await;
    chrome.send_at_most(Some(400_000)).await;
    chrome.press("Upload").await;
    let progress = "return document.querySelector('#uploading progress').value";
    until_so("some of it is sent", async || {
        chrome.run(progress).await.as_f64().is_some_and(|part| part > 0.0 && part < 1.0)
    })
    .await;
    chrome.shows("%").await;
    chrome.press("Stop").await;
    chrome.shows("Stopped. Files that had arrived before are kept").await;
    chrome.send_at_most(None).await;
    chrome.attach("Files", &[file(&server.place, "seeds.txt", b"Seeds.")]).await;
    chrome.press("Upload").await;
    chrome.shows("Uploaded: soil.bin, seeds.txt").await;
    chrome.shows("3.9 MiB").await;
    assert_eq!(chrome.run(IS_SAME_PAGE).await, true);
    assert_eq!(server.place.database.census().await["files"], 2);
    let told = "return document.activeElement.matches('.notice')";
    assert_eq!(chrome.run(told).await, true);
    chrome.is_quiet().await;
}

async fn handle_is_suggested_and_its_address_is_shown(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = server.console().await;
    chrome.open(&server.place.console("/new-handle")).await;
    chrome.shows(&server.place.url("your-handle", "")).await;
    chrome.fill("Name of the shop", "Grüner Daumen").await;
    assert_eq!(chrome.value("Handle").await, "gruener-daumen");
    chrome.shows(&server.place.url("gruener-daumen", "")).await;
    chrome.fill("Handle", "thumb").await;
    chrome.shows(&server.place.url("thumb", "")).await;
    chrome.fill("Name of the shop", "Green thumb").await;
    assert_eq!(chrome.value("Handle").await, "thumb");
    chrome.paste("Handle", "").await;
    chrome.shows(&server.place.url("your-handle", "")).await;
    chrome.fill("Handle", "ada").await;
    chrome.press("Create the shop").await;
    chrome.refuses(&[("Handle", "This handle is taken.")]).await;
    chrome.shows("These are free; choose one").await;
    let free = "return document.querySelectorAll('button[name=take]').length";
    assert_eq!(chrome.run(free).await, 3);
    chrome.press("ada-hq").await;
    assert_eq!(chrome.value("Handle").await, "ada-hq");
    chrome.shows(&server.place.url("ada-hq", "")).await;
    // The key Enter sends what was typed, not a suggestion.
    chrome.fill("Handle", "thumb\u{E007}").await;
    chrome.is_at(&server.place.console("/thumb")).await;
    chrome.shows("Green thumb has its address").await;
    chrome.is_quiet().await;
}

async fn deadline_is_shown_in_the_time_zone_of_the_browser(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = server.console().await;
    chrome.live_in("Asia/Tokyo").await;
    chrome.open(&server.place.console("/ada/new-group-buy")).await;
    chrome.paste("Deadline (optional)", "2030-01-31T20:00").await;
    chrome.shows("In your time zone: 1 Feb 2030, 05:00").await;
    chrome.paste("Deadline (optional)", "2030-01-31T10:30").await;
    chrome.shows("In your time zone: 31 Jan 2030, 19:30").await;
    chrome.paste("Deadline (optional)", "").await;
    chrome.stops_showing("In your time zone").await;
    chrome.is_quiet().await;
}

async fn revenue_finds_out_by_itself_that_stripe_is_ready(backend: Backend) {
    const IS_SAME_PAGE: &str = "return window.isMarked === true";
    let server = Server::fresh(backend).await;
    let chrome = server.console().await;
    let (place, sandbox) = (&server.place, server.place.sandbox());
    let account = format!("accounts/{}", server.account(&server.ada().await).await);
    sandbox.control(&account, &json!({"under_review": true})).await;
    until_so("the console knows that Stripe is checking", async || {
        chrome.open(&place.console("/ada/revenue")).await;
        chrome.text().await.contains("Being checked")
    })
    .await;
    chrome.follow("Look again").await;
    chrome.shows("Being checked").await;
    chrome.run("window.isMarked = true").await;
    sandbox.control(&account, &json!({"under_review": false})).await;
    chrome.shows("Visitors can buy, and Stripe pays out to your bank account.").await;
    chrome.lacks("Look again").await;
    assert_eq!(chrome.run(IS_SAME_PAGE).await, true);
    chrome.is_quiet().await;
}
