use super::*;

#[test]
fn the_list_is_sorted() {
    assert!(PROPERTIES.is_sorted());
}

#[test]
fn looks_stay() {
    for css in [
        "color:#333;",
        "font-family:\"微软雅黑\",Arial,sans-serif;",
        "margin:0 auto !important;",
        "width:calc(100% - 20px);",
        "background:rgba(0,0,0,.5);",
        "border:1px solid #ddd;",
    ] {
        let kept = declarations(css);
        assert!(kept.starts_with(css.split(':').next().unwrap()), "{css} became {kept}");
    }
    assert_eq!(
        declarations("COLOR : Red ; mso-line-height-rule:exactly; width:600PX"),
        "color:Red;width:600PX;"
    );
    assert_eq!(
        declarations("background:#fff url(https://t.example/x.png) no-repeat"),
        "background:#fff  no-repeat;"
    );
}

#[test]
fn nothing_that_acts_stays() {
    for css in [
        "background-image:url(http://a)",
        "list-style:url(http://a)",
        "background-color:url(javascript:x)",
        "position:fixed",
        "position:absolute;",
        "behavior:url(a.htc)",
        "-moz-binding:url(a)",
        "width:expression(alert(1))",
        "w\\69 dth:e\\78 pression(1)",
        "color:var(--x)",
        "--x:1",
        "width:100vh",
        "height:200dvh",
        "content:\"x\"",
        "z-index:99",
        "background:image-set(\"a\" 1x)",
        "background:attr(x)",
        "font:1px \"</style><script>\"",
        "color:red}body{color:blue",
        "@import url(a)",
        "color:{a}",
        "filter:url(#a)",
        "transform:scale(9)",
        "animation:a 1s",
        "cursor:url(a),auto",
    ] {
        let kept = declarations(css);
        for bad in [
            "url",
            "position",
            "expression",
            "var",
            "vh",
            "behavior",
            "import",
            "<",
            "}",
            "{",
            "content",
            "z-index",
            "filter",
            "transform",
            "image-set",
            "attr",
            "cursor",
        ] {
            assert!(!kept.contains(bad), "{css} became {kept}");
        }
    }
}

#[test]
fn sheets_are_renamed_and_cut() {
    assert_eq!(
        sheet("<!-- .MsoNormal, #top td > a:hover { color: red; position: fixed } -->"),
        ".m-MsoNormal, #m-top td > a:hover{color:red;}"
    );
    assert_eq!(
        sheet("body{margin:0} html{color:red}"),
        ".mail-body{margin:0;}.mail-body{color:red;}"
    );
    assert_eq!(
        sheet("@media only screen and (max-width:600px){.a{width:100%!important}}"),
        "@media only screen and (max-width:600px){.m-a{width:100%!important;}}"
    );
    assert_eq!(
        sheet("@import 'x.css'; @font-face{font-family:x;src:url(y)} @charset \"x\"; p{color:red}"),
        "p{color:red;}"
    );
    for css in [
        "a[href^='http']{color:red}",
        "p::before{color:red}",
        ":root{color:red}",
        "a:has(b){color:red}",
        ".a\\3c \\/style\\3e {color:red}",
        "@supports (a:b){p{color:red}}",
        "p{color:red",
        "..a{color:red}",
    ] {
        let kept = sheet(css);
        assert!(
            kept.is_empty() || css == "p{color:red" && kept == "p{color:red;}",
            "{css} became {kept}"
        );
    }
    assert!(sheet(&"@media a{".repeat(100_000)).is_empty());
    assert!(sheet(&format!("p{{width:{}", "calc(".repeat(100_000))).is_empty());
}
