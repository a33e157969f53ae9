use super::*;

#[test]
fn a_page_is_signed_as_the_documentation_shows() {
    let ticket =
        SecretString::from("sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg");
    for url in [
        "http://mp.weixin.qq.com?params=value",
        "http://mp.weixin.qq.com?params=value#here",
    ] {
        assert_eq!(
            Wecom::jsapi_signature(&ticket, "Wm3WZYTPz0wzccnW", 1_414_587_457, url),
            "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
        );
    }
}
