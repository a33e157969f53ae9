//! For tests and the demo: Dovecot and scripted servers in a temp dir, people 张三 and 李四. Never linked into the product.
pub mod proxy;
