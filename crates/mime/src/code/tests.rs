use super::*;

/// (subject, text, code)
const CODES: &[(&str, &str, &str)] = &[
    ("验证码", "您的验证码是482913，5分钟内有效。", "482913"),
    ("", "验证码：482913", "482913"),
    ("", "验证码: 4829", "4829"),
    ("", "【企邮】验证码482913，请勿泄露给他人。", "482913"),
    ("", "您的验证码为 482 913，请在10分钟内输入。", "482913"),
    (
        "",
        "尊敬的用户：\n您正在登录，本次验证码为：\n\n482913\n\n有效期30分钟。",
        "482913",
    ),
    (
        "登录验证",
        "您好，\n\n您的校验码\n\n  593817  \n\n如非本人操作请忽略。",
        "593817",
    ),
    ("", "您的动态密码是：19283746。", "19283746"),
    ("", "动态口令 302144（60秒内有效）", "302144"),
    ("", "482913（登录验证码），5分钟内有效", "482913"),
    ("", "482913 是您的登录验证码。", "482913"),
    ("", "请使用 482913 作为您的验证码", "482913"),
    ("", "您的验证码（15分钟内有效）：771204", "771204"),
    ("", "您在 example.com 的验证码是“660182”。", "660182"),
    ("", "验证码【330771】，您正在修改密码。", "330771"),
    ("", "一次性密码：8842", "8842"),
    ("", "驗證碼：502938，請勿告訴他人。", "502938"),
    ("", "动态码：0071", "0071"),
    ("【示例】邮箱验证码 918273", "请查收。", "918273"),
    ("验证码 820155，请勿泄露", "", "820155"),
    ("", "验证码：４８２９１３", "482913"),
    ("", "验证码 4 8 2 9 1 3", "482913"),
    ("", "您的验证码\n4\t8\t2\t9\t1\t3\n请勿泄露", "482913"),
    ("", "验证码：A3F9K2，不区分大小写", "A3F9K2"),
    ("", "确认码 662201 ，请在页面中填写", "662201"),
    ("", "您的短信验证码已更换为邮件发送，请输入 554120", "554120"),
    (
        "",
        "张三，您好！您申请绑定邮箱，验证码如下：\n903311\n该验证码24小时内有效，客服电话 4001234567",
        "903311",
    ),
    ("", "您的验证码：2024", "2024"),
    ("", "安全码：7788（请勿转发）", "7788"),
    ("", "激活码为 55019283", "55019283"),
    ("", "校验码：660-128", "660128"),
    ("", "登录验证码 = 118273", "118273"),
    ("", "登录地点：上海，验证码是：201811。", "201811"),
    (
        "请验证您的邮箱",
        "感谢注册！验证码在下方：\n\n**774411**\n\n谢谢",
        "774411",
    ),
    ("身份验证 - 验证码", "你好\n\n664433\n\n工作人员不会索取。", "664433"),
    ("", "订单验证码：482913", "482913"),
    ("", "您的银行卡尾号1234正在支付100.00元，验证码 837261。", "837261"),
    ("", "Your verification code is 482913.", "482913"),
    ("", "Your verification code is: 482-913", "482913"),
    ("", "Verification code: 4829", "4829"),
    ("482913 is your Example code", "", "482913"),
    ("", "G-482913 is your Example verification code.", "482913"),
    ("", "482913 is your verification code", "482913"),
    ("", "Use 482913 as your login code.", "482913"),
    (
        "",
        "Here is your one-time password:\n\n  9921 8847\n\nIt expires in 10 minutes.",
        "99218847",
    ),
    ("", "Your OTP is 445566. Do not share it.", "445566"),
    ("", "OTP: 445566", "445566"),
    ("", "Your security code: 7719", "7719"),
    (
        "Your sign-in code",
        "Hi Li Si,\n\n390021\n\nIf you did not ask for this, ignore it.",
        "390021",
    ),
    (
        "",
        "To finish signing in, enter this verification code:\n\n610 220\n",
        "610220",
    ),
    ("", "Your code is 882211", "882211"),
    ("", "Enter the following code: 556677", "556677"),
    ("", "Your confirmation code is 119922", "119922"),
    (
        "",
        "Your authentication code for Example (expires in 5 minutes) is 303112.",
        "303112",
    ),
    (
        "",
        "Please use the verification code below to sign in.\n\n728190\n\nExample Inc, 1 Market Street, 94105",
        "728190",
    ),
    ("", "Your one-time code is [ 60817 ]", "60817"),
    ("", "Your two-factor code: 012345", "012345"),
    ("", "Verification code K7M2Q9", "K7M2Q9"),
    ("", "This is your login code: 700142. It works once.", "700142"),
    ("", "Security code 118822 was requested from a new device.", "118822"),
    ("", "> Your verification code is 482913", "482913"),
    ("Verification code", "Hello\n\n[ 551177 ]\n", "551177"),
    ("", "your one time password is 19283", "19283"),
    ("", "Your activation code is 40912", "40912"),
    (
        "",
        "Your verification code to reset the password of zhang@a.example is: 640021",
        "640021",
    ),
    ("", "验证码 (Verification code): 771188", "771188"),
];

/// (subject, text)
const NONE: &[(&str, &str)] = &[
    (
        "会议通知",
        "请于2026年11月22日下午三点参加会议，腾讯会议号：482-913-771",
    ),
    ("发票", "发票校验码：48291 37715 29381 55012"),
    ("发票", "发票校验码 482913，发票代码 031001900111"),
    ("", "验证码功能已上线，订单 482913 请优先处理。"),
    ("", "登录页验证码显示异常，工号 10234 反馈。"),
    ("", "请勿向任何人泄露验证码。客服热线 95588"),
    ("", "验证码有效期 1440 分钟"),
    ("", "验证码错误超过 10000 次"),
    ("", "验证码收费 5000 元"),
    ("", "2026年验证码发送量统计：见附件"),
    ("", "验证码短信单价 0.0450 元"),
    ("", "验证码平台升级，2026-11-22 23:00 停机"),
    ("", "验证码接口 http://api.example/v1/code?id=482913 已更新"),
    ("", "验证码问题请联系分机 8021"),
    ("", "关于验证码，请致电 40012345"),
    ("", "您的快递已到，取件码 8-2-1034"),
    ("", "链接 https://pan.example/s/1 提取码: 8a3f"),
    ("", "会议密码：482913"),
    ("", "订单号：48291377"),
    ("", "采购申请单 PO-482913 请审批"),
    ("", "金额 ¥482913 已到账"),
    ("", "银行卡尾号 4829 收入 1000 元"),
    ("", "邮编：200120"),
    ("", "QQ 群 482913"),
    ("", "工单 482913 已关闭"),
    ("", "您的客户端授权码已生成，请在网页查看。"),
    ("周报", "本周处理验证码投诉 1203 件"),
    ("", "验证码日志\n10234\n10235\n10236"),
    ("验证码模块评审", "附件第 2048 页"),
    ("", "文件 MD5 校验码：d41d8cd98f00b204"),
    ("", "CRC校验码：482913"),
    ("", "优惠码 SAVE20"),
    ("", "邀请码：A3F9K2"),
    ("", "版本 20261122 修复了验证码不显示的问题"),
    ("", "验证码：请见附件"),
    ("", "电话 13800138000，验证码稍后发送"),
    ("", "错误码 40013：验证码已失效"),
    ("", "2026 年度报告"),
    ("", ""),
    ("", "Meeting ID: 829 1377 5512 Passcode: 482913"),
    ("", "Your order 482913 has shipped"),
    ("", "Tracking code 48291377"),
    ("", "ZIP code 94105"),
    ("", "Error code: 40013"),
    ("", "Use promo code SAVE20 at checkout"),
    ("", "Your discount code is 204820"),
    ("", "482913 is your booking reference"),
    ("", "482913 is your tracking code"),
    ("", "Your confirmation code is AB12CD for flight CA1501"),
    ("", "The verification code feature shipped in 2024"),
    ("", "Never share your verification code. Call 95588 for help."),
    ("", "The code review for #48291 is done"),
    ("", "We fixed the verification code page in build 10422"),
    ("", "Invoice 48291 total 1200"),
    ("", "Security code of conduct, 2026 edition"),
    ("", "Verification codes expire after 3600 seconds"),
    ("", "Copyright 2026 Example Inc. Your code of conduct"),
    ("", "OTP Bank Plc. 1051 Budapest"),
    ("", "Postal code: 100084"),
    ("", "The status code was 5000 times higher"),
    ("", "Your verification code was sent to the phone ending in 4829"),
    ("", "If you need a verification code, call 40012345"),
    ("Your code", "Please merge your code before 20261122"),
    ("", "Area code 02163"),
    ("", "Call +86 21 6482 9137 to get your verification code"),
    ("", "Invitation code: 8842"),
    (
        "Re: 验证码收不到",
        "张三，你好：\n\n我这边也收不到，已经反馈给运维同事了。\n\n李四",
    ),
    ("验证码月度账单", "合计：48291.00 元\n账单编号 20261122"),
];

#[test]
fn codes_are_found() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (subject, text, code) in CODES {
        count += 1;
        let found = verification_code(subject, text);
        if found.as_deref() != Some(code) {
            wrong.push(format!("{subject:?} {text:?}: wanted {code}, found {found:?}"));
        }
    }
    assert!(count >= 60);
    assert!(
        wrong.is_empty(),
        "{} of {count} missed:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn other_numbers_are_no_codes() {
    assert!(NONE.len() >= 60);
    let wrong: Vec<_> = NONE
        .iter()
        .filter_map(|(subject, text)| {
            verification_code(subject, text).map(|code| format!("{subject:?} {text:?}: {code}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        NONE.len(),
        wrong.join("\n")
    );
}

#[test]
fn long_texts_take_little_time() {
    for text in [
        "验证码 ".repeat(100_000),
        "1 ".repeat(100_000),
        "验证码".repeat(3000) + &"1234 ".repeat(3000),
    ] {
        verification_code("验证码", &text);
    }
}
