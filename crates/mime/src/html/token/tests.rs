use super::*;

/// Tokens in a short notation: `<name a=v>`, `</name>`, `name{raw}`, text as it is.
fn tokens(html: &str) -> Vec<String> {
    Tokens::new(html)
        .map(|token| match token {
            Token::Text(text) => text.to_owned(),
            Token::End(name) => format!("</{name}>"),
            Token::Raw(name, text) => format!("{name}{{{text}}}"),
            Token::Start(tag) => {
                let attributes = tag
                    .attributes
                    .iter()
                    .map(|a| format!(" {}={}", a.name, a.value))
                    .collect::<Vec<_>>()
                    .concat();
                format!("<{}{attributes}>", tag.name)
            }
        })
        .collect()
}

#[test]
fn tags_and_attributes() {
    assert_eq!(
        tokens("<P Class=a id='b c' title=\"d>e\" hidden>x</P >"),
        ["<p class=a id=b c title=d>e hidden=>", "x", "</p>"]
    );
    assert_eq!(tokens("<br/><img/src=x/onerror=y>"), ["<br>", "<img src=x/onerror=y>"]);
    assert_eq!(tokens("<a =x=y b = c>"), ["<a =x=y b=c>"]);
    assert_eq!(tokens("<a href=x href=y>"), ["<a href=x>"], "the first of two counts");
    assert_eq!(tokens("1 < 2 <3 </ x>a"), ["1 ", "< 2 ", "<3 ", "a"]);
    assert_eq!(tokens("a<"), ["a", "<"]);
    assert_eq!(tokens("a<b c=\"d"), ["a"], "a tag cut off is none");
}

#[test]
fn comments_end_as_the_standard_says() {
    for html in [
        "<!-- > -->x",
        "<!-->x",
        "<!--->x",
        "<!--a--!>x",
        "<!---a--->x",
        "<!DOCTYPE a>x",
        "<?xml ?>x",
        "<![if !mso]>x",
        "<!--[if mso]><b>y</b><![endif]-->x",
        "</>x",
    ] {
        assert_eq!(tokens(html), ["x"], "{html}");
    }
    assert_eq!(tokens("<!--[if !mso]><!-->x<!--<![endif]-->"), ["x"]);
    assert!(tokens("<!-- never closed <b>x</b>").is_empty());
}

#[test]
fn raw_elements_hide_their_content() {
    assert_eq!(
        tokens("<script>if (a</b>) '<p>'</SCRIPT >x"),
        ["<script>", "script{if (a</b>) '<p>'}", "</script>", "x"]
    );
    assert_eq!(tokens("<style>a>b{}</style>"), ["<style>", "style{a>b{}}", "</style>"]);
    assert_eq!(
        tokens("<title>a</titles></title>b"),
        ["<title>", "title{a</titles>}", "</title>", "b"]
    );
    assert_eq!(
        tokens("<plaintext>a</plaintext>b"),
        ["<plaintext>", "plaintext{a</plaintext>b}"]
    );
}

#[test]
fn character_references() {
    for (given, text) in [
        ("&lt;a&gt; &amp;amp; &quot;", "<a> &amp; \""),
        ("&#20250;&#x8BAE;", "会议"),
        ("&#150;&#0;&#x110000;&#99999999999;", "–\u{FFFD}\u{FFFD}\u{FFFD}"),
        ("&copy;&hellip;&zwnj;", "©…\u{200C}"),
        ("&lt b &nbsp", "< b \u{A0}"),
        (
            "a & b &; &unknown; &#; &#x; ?a=1&copy=2",
            "a & b &; &unknown; &#; &#x; ?a=1&copy=2",
        ),
    ] {
        assert_eq!(unescaped(given), text, "{given}");
    }
}

#[test]
fn hostile_sizes_take_linear_time() {
    let n = 200_000;
    for html in [
        "<".repeat(n),
        "<!--".repeat(n),
        "<script>".repeat(n),
        "<a b=\"".repeat(n),
        "<a ".repeat(n),
        "</".repeat(n),
        "<title>".repeat(n),
        "&".repeat(n),
        format!("<a {}>", "x ".repeat(n)),
        "<!---".repeat(n),
    ] {
        let count = Tokens::new(&html).count();
        assert!(count <= n + 1);
        unescaped(&html);
    }
}
