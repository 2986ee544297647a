//! What becomes of Markdown.

use tollgate_domain::language::Language;

use super::*;

#[test]
fn markdown_becomes_html() {
    let html = render("# Hi\n\n*a* **b** [c](https://example.com)\n\n| x |\n|---|\n| y |\n");
    insta::assert_snapshot!(html, @r#"
    <h2>Hi</h2>
    <p><em>a</em> <strong>b</strong> <a href="https://example.com" rel="nofollow noopener ugc">c</a></p>
    <div role="region" tabindex="0" aria-label="Table 1"><table><thead><tr><th>x</th></tr></thead><tbody>
    <tr><td>y</td></tr>
    </tbody></table>
    </div>
    "#);
}

#[test]
fn injection_is_inert() {
    for attack in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onmouseover=alert(1)>b</b>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](javascript:alert(1))",
        "[x](vbscript:x)",
        "<javascript:alert(1)>",
        "[x](https://a\" onmouseover=\"alert(1))",
        "<svg/onload=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "[a]: javascript:alert(1)\n\n[a]",
        "```\" onclick=x\ncode\n```",
        "<style>*{display:none}</style>",
        "<iframe src=https://evil.example></iframe>",
        "<form action=https://evil.example><input name=email>",
    ] {
        let html = render(attack).to_lowercase();
        for forbidden in [
            "<script",
            "<img",
            "<svg",
            "<style",
            "<iframe",
            "<form",
            "<input",
            "href=\"javascript",
            "href=\"data",
            "href=\"vbscript",
        ] {
            assert!(!html.contains(forbidden), "{attack} -> {html}");
        }
        let tags = html.split('<').skip(1).filter_map(|rest| rest.split('>').next());
        for tag in tags {
            assert!(!tag.contains(" on") && !tag.contains("class="), "{attack} -> {html}");
        }
    }
}

#[test]
fn pictures_become_links() {
    assert_eq!(
        render("![a cat](https://example.com/cat.png)").trim(),
        "<p><a href=\"https://example.com/cat.png\" rel=\"nofollow noopener ugc\">a cat</a></p>"
    );
}

#[test]
fn link_without_a_text_shows_where_it_leads() {
    let long = "x".repeat(100);
    for (text, label) in [
        ("![](https://example.com/cat.png)", "https://example.com/cat.png"),
        ("[](https://example.com)", "https://example.com"),
        ("[ ](guide)", "guide"),
        ("[](mailto:ada@example.com)", "ada@example.com"),
        ("[](tel:+4930123)", "+4930123"),
        (&*format!("[](/{long})"), &*format!("/{}…", &long[..79])),
    ] {
        let html = render(text);
        assert!(html.contains("<a href=") && html.contains(&format!(">{label}</a>")), "{html}");
    }
    assert_eq!(render("a []() b ![]() c").matches("<a").count(), 0);
    assert_eq!(render("[*a*](b)").matches("<em>a</em></a>").count(), 1);
}

#[test]
fn picture_whose_file_does_not_exist_leaves_its_description() {
    assert_eq!(render("![A *cat*](missing.png) here"), "<p>A cat here</p>\n");
    assert_eq!(render("![](missing.png)"), "<p>missing.png</p>\n");
    assert_eq!(render("![](a%20cat.png)"), "<p>a cat.png</p>\n");
    assert_eq!(render("[a cat](missing)").matches("<a ").count(), 1, "it may be a page");
}

#[test]
fn deep_nesting_is_cheap_and_balanced() {
    for text in [">".repeat(30_000), "- ".repeat(15_000), "*_".repeat(15_000), "[".repeat(30_000)] {
        let html = render(&format!("{text} x"));
        assert!(html.matches("<blockquote>").count() <= MAX_DEPTH);
        assert_eq!(html.matches("<blockquote>").count(), html.matches("</blockquote>").count());
    }
}

#[test]
fn topmost_heading_is_the_second_and_none_is_left_out() {
    for (text, expected) in [
        ("# a", "<h2>a</h2>\n"),
        ("### a", "<h2>a</h2>\n"),
        ("# a\n## b\n# c", "<h2>a</h2>\n<h3>b</h3>\n<h2>c</h2>\n"),
        ("# a\n### b\n### c\n## d", "<h2>a</h2>\n<h3>b</h3>\n<h3>c</h3>\n<h3>d</h3>\n"),
        ("### a\n# b\n## c", "<h2>a</h2>\n<h2>b</h2>\n<h3>c</h3>\n"),
    ] {
        assert_eq!(render(text), expected, "{text}");
    }
    let deep = render("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6\n");
    assert!(deep.ends_with("<h6>5</h6>\n<h6>6</h6>\n"), "{deep}");
}

#[test]
fn links_to_headings_lead_to_them() {
    for (link, number) in [
        ("my-part", 1),
        ("My%20Part", 1),
        ("\u{fc}ber-uns", 2),
        ("%C3%BCber-uns", 2),
        ("u\u{308}ber-uns", 2),
        ("my-part-1", 3),
        ("code_x-2", 4),
    ] {
        let html = render(&format!(
            "[*to* it](#{link})\n\n# My part!\n## \u{dc}ber uns\n# My part\n# `code_x` 2\n"
        ));
        let id = html.split("href=\"#").nth(1).unwrap().split('"').next().unwrap();
        assert!(id.starts_with("h-") && id.ends_with(&format!("-{number}")), "{link}: {html}");
        assert_eq!(html.matches(" id=").count(), 1, "{link}: {html}");
        let heading = html.split(&format!(" id=\"{id}\">")).nth(1).unwrap();
        let text = ["My part!", "\u{dc}ber uns", "My part<", "<code>code_x"][number - 1];
        assert!(heading.starts_with(text), "{link}: {html}");
    }
    for text in [
        "[x](#top)\n\n# Top",
        "[x](#gate)\n\n# Gate",
        "[x](#files)\n\n# Files",
        "[x](#\u{fc}ber)\n\n# U\u{308}ber",
        "[x](#a)\n\n[^unused]: # a\n\n# a",
    ] {
        let html = render(text);
        let (_, id) = html.split_once(" id=\"").unwrap();
        let (id, _) = id.split_once('"').unwrap();
        assert!(html.contains(&format!("<a href=\"#{id}\"")), "{html}");
    }
    // Two texts of a page do not lead to each other's headings.
    let shown = |part| render_with(Texts::default(), part, "[x](#a)\n\n# a", &OwnFiles::default());
    assert_ne!(shown(Part::Teaser), shown(Part::Body));
}

#[test]
fn link_to_a_heading_that_does_not_exist_is_shown_as_its_text() {
    for text in ["[*to* it](#nowhere)", "[*to* it](#nowhere \"title\")", "[*to* it][a]\n\n[a]: #x"]
    {
        assert_eq!(render(text), "<p><em>to</em> it</p>\n", "{text}");
    }
    for place in ["#", "#top", "#gate", "#files", "guide#part", "/guide#part"] {
        let html = render(&format!("[x](#nowhere) [to it]({place})\n\n# a"));
        assert!(html.starts_with(&format!("<p>x <a href=\"{place}\"")), "{html}");
    }
    let html =
        render("[a [b](#nowhere) c](https://x.example) ![d ![e](#nowhere)](https://x.example)");
    assert_eq!(html.matches("<a ").count(), html.matches("</a>").count(), "{html}");
}

#[test]
fn telephone_number_is_a_link() {
    assert_eq!(
        render("[call](tel:+4930123)"),
        "<p><a href=\"tel:+4930123\" rel=\"nofollow noopener ugc\">call</a></p>\n"
    );
}

#[test]
fn bare_addresses_become_links_outside_code() {
    let html = render("See https://a.example/x_y_z?a=1&b=2, or (www.b.example).\n");
    assert_eq!(
        html,
        "<p>See <a href=\"https://a.example/x_y_z?a=1&amp;b=2\" rel=\"nofollow noopener ugc\">\
         https://a.example/x_y_z?a=1&amp;b=2</a>, or (<a href=\"https://www.b.example\" \
         rel=\"nofollow noopener ugc\">www.b.example</a>).</p>\n"
    );
    for text in
        ["`https://a.example`", "```\nhttps://a.example\n```", "xhttps://a.example", "https://"]
    {
        assert!(!render(text).contains("<a "), "{text}");
    }
    let once = render("[https://a.example](https://b.example)");
    assert_eq!(once.matches("<a ").count(), 1, "{once}");
}

#[test]
fn tasks_show_what_is_done() {
    let html = render("- [x] done\n- [ ] to do\n- plain\n");
    assert_eq!(
        html,
        "<ul>\n<li class=\"task\">☑ done</li>\n<li class=\"task\">☐ to do</li>\n<li>plain</li>\n</ul>\n"
    );
}

#[test]
fn footnotes_are_numbered_and_lead_back() {
    let html = render(
        "One[^b] and two[^a], one again[^b].\n\n[^a]: Second.\n[^b]: First.\n[^c]: Unused.\n",
    );
    let (text, notes) = html.split_once("<hr>").unwrap();
    assert_eq!(text.matches("<sup>").count(), 3);
    assert!(text.contains(">1</a></sup> and two"), "{html}");
    assert!(notes.find("First.").unwrap() < notes.find("Second.").unwrap(), "{html}");
    assert!(!html.contains("Unused."));
    for link in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert_eq!(html.matches(&format!("id=\"{link}\"")).count(), 1, "{link}: {html}");
    }
    assert_eq!(render("no note[^x]").trim(), "<p>no note[^x]</p>");
}

#[test]
fn two_texts_of_a_page_have_different_ids() {
    let id = |part: Part, text: &str| {
        let html = render_with(Texts::default(), part, text, &OwnFiles::default());
        html.split("id=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let (one, other) = ("a[^1]\n\n[^1]: x", "b[^1]\n\n[^1]: x");
    assert_ne!(id(Part::Body, one), id(Part::Body, other));
    // The body may begin, or be, what the teaser says.
    assert_ne!(id(Part::Teaser, one), id(Part::Body, one));
}

#[test]
fn what_may_be_wide_takes_the_focus() {
    let wide = render(&format!("```\n{}\n```\n\n```\n{}\n```\n", "x".repeat(80), "y".repeat(80)));
    for label in ["Code 1", "Code 2"] {
        let pre = format!("<pre role=\"region\" tabindex=\"0\" aria-label=\"{label}\"><code>");
        assert!(wide.contains(&pre), "{wide}");
    }
    assert!(render("```\nshort\n```").starts_with("<pre><code>short"));
    let german = render_in(Texts(Language::German), "|x|\n|-|\n|y|\n");
    assert!(german.contains("aria-label=\"Tabelle 1\""), "{german}");
}

#[test]
fn summary_is_plain_and_short() {
    assert_eq!(
        summary("# Hi\n\n*Forty* pots, `one` [railing](https://a.example).\n"),
        "Hi Forty pots, one railing."
    );
    let long = summary(&"word ".repeat(100));
    assert!(long.chars().count() <= 161 && long.ends_with("word…"), "{long}");
    assert_eq!(summary("<script>x</script>"), "");
    assert_eq!(summary("![](cover.png) ![Pots](pots.png) []() rest"), "Pots rest");
}

#[test]
fn a_handles_own_media_are_shown_and_others_stay_links() {
    let file = |slug: &str, name: &str, media: &str| {
        let mut file = tollgate_domain_testing::a_file().build();
        file.slug = slug.parse().unwrap();
        name.clone_into(&mut file.name);
        file.media = media.parse().ok();
        (file, format!("/v2/public/files/ada/{slug}"))
    };
    let own = OwnFiles::new([
        file("cover", "cover photo.png", "image/png 640x480"),
        // As macOS writes it.
        file("map", "U\u{308}bersicht.png", "image/png"),
        file("film", "film.mp4", "video/mp4"),
        file("talk", "talk.mp3", "audio/mpeg"),
        file("book", "book.pdf", "application/pdf"),
    ]);
    let shown = |text: &str| render_with(Texts::default(), Part::Body, text, &own);
    let picture = "<p><img src=\"/v2/public/files/ada/cover\" alt=\"A &quot;harvest&quot;\" loading=\"lazy\" width=\"640\" height=\"480\"></p>\n";
    assert_eq!(shown("![A \"harvest\"](cover)"), picture);
    assert_eq!(shown("![A \"harvest\"](<cover photo.png>)"), picture);
    for text in ["![](\u{dc}bersicht.png)", "![](U\u{308}bersicht.png)", "![](%C3%9Cbersicht.png)"]
    {
        assert!(shown(text).contains("<img src=\"/v2/public/files/ada/map\""), "{text}");
    }
    assert!(shown("![](film.mp4)").contains("<video src=\"/v2/public/files/ada/film\" controls"));
    assert!(shown("![x](talk)").contains("<audio src=\"/v2/public/files/ada/talk\" controls"));
    for text in ["![x](book)", "![x](https://evil.example/cover)", "![x](//evil.example/cover)"] {
        let html = shown(text);
        assert!(html.contains("<a ") && !html.contains("<img"), "{html}");
    }
    // A file that cannot be shown is a link that leads somewhere, with its name if nothing else is written.
    for (text, label) in [("![A <b>plan](book.pdf)", "A plan"), ("![](book)", "book.pdf")] {
        let html = shown(text);
        assert!(html.contains("<a href=\"/v2/public/files/ada/book\""), "{html}");
        assert!(html.contains(&format!(">{label}</a>")), "{html}");
    }
    // What a person presses is not in a link, which a picture may be.
    for (name, element) in [
        ("talk", "<audio src=\"/v2/public/files/ada/talk\" controls"),
        ("film", "<video src=\"/v2/public/files/ada/film\" controls"),
        ("book", "<a href=\"/v2/public/files/ada/book\""),
    ] {
        let html = shown(&format!("[Hear ![it](<{name}>) now](https://x.example) or not"));
        let (link, behind) = html.split_once("</a> ").unwrap();
        assert!(link.starts_with("<p><a href=\"https://x.example\""), "{html}");
        assert!(link.ends_with(">Hear it now") && behind.starts_with(element), "{html}");
        assert!(behind.ends_with(" or not</p>\n"), "{html}");
    }
    let html = shown("[![](talk)](https://x.example)");
    assert!(html.contains(">talk.mp3</a> <audio "), "{html}");
    let html = shown("![It ![is](talk)](https://x.example/picture)");
    assert!(html.contains(">It is</a> <audio "), "{html}");
    let html = shown("[![A](cover)](https://x.example)");
    assert!(html.contains("ugc\"><img ") && html.contains("></a>"), "{html}");
    let attack = shown("![\" onerror=\"alert(1)](cover)<img src=x onerror=alert(1)>");
    assert!(!attack.contains("onerror=\"") && attack.matches("<img").count() == 1, "{attack}");
    assert_eq!(media_names("![](a) ![](b.png) ![](https://x/c) ![](a) [d](d)"), ["a", "b.png"]);
}

#[test]
fn table_that_makes_far_more_than_its_length_is_shown_as_it_was_written() {
    let columns = 500;
    let header = format!("{}|\n{}|\n", "|a".repeat(columns), "|-".repeat(columns));
    let wide = format!("{header}{}", "x\n".repeat(500));
    assert!(is_too_large(&wide));
    let html = render(&wide);
    assert!(html.starts_with("<pre>|a|a") && html.len() < 2 * wide.len(), "{}", html.len());
    let table = format!("{header}{}", "x\n".repeat(5));
    assert!(!is_too_large(&table) && render(&table).contains("<table>"));
    assert!(!is_too_large(&"word ".repeat(13_000)));
}

#[test]
fn several_tables_are_bounded_in_sum() {
    let table = format!("{}\n{}\n{}\n", "a|".repeat(40), "-|".repeat(40), "a\n".repeat(80));
    assert!(!is_too_large(&table));
    for (name, many) in [
        ("one below the other", table.repeat(20)),
        ("with the line ends of Windows", table.repeat(20).replace('\n', "\r\n")),
        ("in quotations", table.repeat(20).replace('\n', "\n> ")),
        ("in a list", format!("- {}", table.repeat(20).replace('\n', "\n  "))),
    ] {
        assert!(many.len() <= 64 * 1024 && effort::is_excessive(&many), "{name}");
        assert!(is_too_large(&many) && media_names(&many).is_empty(), "{name}");
        assert!(render(&many).starts_with("<pre>"), "{name}");
        assert!(summary(&many).chars().count() <= MAX_SUMMARY + 1, "{name}");
    }
}

#[test]
fn deep_lists_with_many_lines_are_not_walked_through() {
    let text = format!("{}```\n{}", "- ".repeat(8_000), "\n".repeat(30_000));
    assert!(effort::is_excessive(&text));
}

#[test]
fn text_longer_than_any_page_is_not_parsed() {
    let long = "*a* ".repeat(16 * 1024 + 1);
    assert!(effort::is_excessive(&long) && render(&long).starts_with("<pre>*a* "));
}

#[test]
fn text_that_takes_too_long_to_escape_is_shown_as_it_was_written() {
    for text in [
        "&".repeat(40_000),
        "\u{a0}".repeat(30_000),
        format!("{}{}", "&".repeat(10_000), "x".repeat(50_000)),
        format!("[x](/?{})", "&".repeat(40_000)),
        format!("[x](/ \"{}\")", "&".repeat(40_000)),
        // Deeper elements are flattened, and their texts are one.
        "> ".repeat(MAX_DEPTH) + &format!("*{}* ", "&".repeat(500)).repeat(100),
    ] {
        let start: String = text.chars().take(20).collect();
        assert!(is_too_large(&text), "{start}");
    }
    let html = render(&"&".repeat(40_000));
    assert!(html == format!("<pre>{}</pre>", "&amp;".repeat(40_000)), "{}", html.len());
}

#[test]
fn ordinary_texts_of_the_greatest_length_are_not_too_large() {
    for (before, line) in [
        ("```\n", "    if total && items > limit { push(&item); }\n"),
        ("```\n", "<li><a href=\"/x?a=1&amp;b=2\">A &amp; B</a></li>\n"),
        ("", "« Bonjour », dit-elle : « il fait 20 °C, & le prix est de 5 £. »\n"),
        ("", "Salt & pepper, [more](https://a.example/?b=1&c=2&d=3) of *both* & `a && b`. "),
        ("", "Several words & others in a paragraph of their own.\n\n"),
        ("| a | b | c |\n|---|---|---|\n", "| `a && b` | c & d | e < f > g |\n"),
        ("", "- one & two\n- **three** & four\n"),
    ] {
        let text = format!("{before}{}", line.repeat((64 * 1024 - before.len()) / line.len()));
        assert!(!effort::is_excessive(&text) && !is_too_large(&text), "{line}");
    }
}
