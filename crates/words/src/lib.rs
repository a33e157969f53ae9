//! Every word a person sees outside a mail: one catalogue in zh-CN and en.
