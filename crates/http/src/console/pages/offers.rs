//! Group buys that nobody needs once their page has a new price.

use tollgate_domain::{
    creators::{AccessMode, Page},
    money::Money,
};

use super::super::{joined::joined, page::Notice, who::AtHandle};
use crate::{
    locale::{Texts, isolated},
    problem::Problem,
    state::Http,
};

/// How many group buys of a page are looked at, the newest first. A page can have as many as its handle.
const MAX_OFFERS: u32 = 100;
/// How many group buys are named.
const MAX_NAMED: usize = 5;
/// How much of each title is shown if several are named, in characters.
const MAX_TITLE: usize = 60;

/// Returns what a page costs by itself, if it costs anything now.
pub(super) fn regular_price(page: &Page) -> Option<Money> {
    page.price.filter(|_| page.mode == AccessMode::Paid)
}

/// Returns a notice that names the group buys whose price is not below that of their page; `None` if there are none.
pub(super) async fn no_cheaper(
    http: &Http,
    at: &AtHandle,
    page: &Page,
) -> Result<Option<Notice>, Problem> {
    let Some(price) = regular_price(page) else { return Ok(None) };
    let (group_buys, name) = (&http.use_cases.group_buys, &at.handle.name);
    let offers = group_buys.unended_of(&at.creator, name, page.id, MAX_OFFERS).await?;
    let group_buys = offers.into_iter().map(|details| details.view.group_buy);
    let useless = group_buys.filter(|group_buy| !group_buy.is_cheaper_than(price));
    let titles: Vec<_> = useless.map(|group_buy| group_buy.title).collect();
    Ok(match titles.as_slice() {
        [] => None,
        [title] => Some(Notice::about("console-pages-notice-no-cheaper-offer", title)),
        titles => {
            let titles = named(at.screen.t, titles);
            Some(Notice::about("console-pages-notice-no-cheaper-offers", titles))
        }
    })
}

/// Returns the titles as a sentence has them, and how many there are besides these.
fn named(t: Texts, titles: &[String]) -> String {
    let quoted = |title: &String| t.with("console-pages-offer", "title", isolated(short(title)));
    let mut parts: Vec<_> = titles.iter().take(MAX_NAMED).map(quoted).collect();
    let more = titles.len().saturating_sub(MAX_NAMED);
    if more > 0 {
        parts.push(t.count("console-pages-offers-more", more));
    }
    joined(t, &parts)
}

fn short(title: &str) -> String {
    let mut shown: String = title.chars().take(MAX_TITLE).collect();
    if shown.len() < title.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use tollgate_domain::language::Language;

    use super::*;

    #[test]
    fn up_to_five_group_buys_are_named_and_the_others_counted() {
        let all: Vec<_> = ('A'..='H').map(String::from).collect();
        for (count, english, german) in [
            (2, "“A” and “B”", "„A“ und „B“"),
            (5, "“A”, “B”, “C”, “D” and “E”", "„A“, „B“, „C“, „D“ und „E“"),
            (
                6,
                "“A”, “B”, “C”, “D”, “E” and one more",
                "„A“, „B“, „C“, „D“, „E“ und einem weiteren",
            ),
            (8, "“A”, “B”, “C”, “D”, “E” and 3 more", "„A“, „B“, „C“, „D“, „E“ und 3 weiteren"),
        ] {
            assert_eq!(named(Texts(Language::English), &all[..count]), english);
            assert_eq!(named(Texts(Language::German), &all[..count]), german);
        }
    }

    #[test]
    fn long_titles_are_cut_so_that_each_is_named() {
        let titles = ["a", "b"].map(|letter| letter.repeat(200));
        let (first, second) = ("a".repeat(MAX_TITLE), "b".repeat(MAX_TITLE));
        let told = named(Texts::default(), &titles);
        assert_eq!(told, format!("“{first}…” and “{second}…”"));
        let right_to_left = ["גינה", "Beds"].map(String::from);
        let told = named(Texts::default(), &right_to_left);
        assert_eq!(told, "“\u{2068}גינה\u{2069}” and “Beds”");
    }
}
