//! Toys, presents, books, things to eat.

use serde_json::json;

use super::order::{Demo, demo, item};
use super::people::{chen, emma, li, lin, priya, tom, zhang};

pub(super) fn demos() -> Vec<Demo> {
    vec![
        demo("10253", zhang(), 6, 4).shows("赠品要和主商品一起退。", "A gift comes back together with what it came with.").of([
            item("ROBOT-KIT", "积木机器人套装", "标准版", "toys", "329.00").drawn("robot"),
            item("STICKER", "贴纸（赠品）", "", "gifts", "15.00").drawn("stickers").gift_with("1", "15.00"),
        ]),
        demo("10258", li(), 6, 3)
            .shows("刻字的杯子不退；耳机拆封后因卫生原因不退。", "An engraved mug stays; earphones stay once their hygiene seal is broken.")
            .of([
                item("MUG-NAME", "刻字马克杯“小明”", "白色", "home", "129.00").drawn("mug").tagged("personalised"),
                item("EARPHONE", "入耳式耳机", "白色", "electronics", "399.00")
                    .drawn("earphones")
                    .tagged("hygiene")
                    .guaranteed(12)
                    .with(json!({"exclusion_confirmed": true})),
            ]),
        demo("10263", tom(), 5, 3).shows("礼品卡和数字商品不能退。", "A gift card and a digital pattern do not come back.").of([
            item("GIFTCARD-200", "Gift card", "200", "gift-card", "200.00").drawn("gift-card"),
            item("PATTERN-PDF", "Sewing pattern (PDF)", "", "books", "39.00").tagged("digital"),
        ]),
        demo("10266", chen(), 3, 1)
            .shows("鲜肉月饼易变质，不退；茶叶可以退。", "Fresh mooncakes do not keep and stay; the tea can come back.")
            .of([
                item("MOONCAKE", "鲜肉月饼", "6 只装", "food", "68.00").drawn("mooncake").tagged("perishable"),
                item("TEA-TIN", "龙井茶", "100 克", "food", "158.00").drawn("tea-tin"),
            ]),
        demo("10268", zhang(), 4, 2).shows("便宜商品有瑕疵，不用拍照。", "A flaw of a cheap item needs no photo.").of([item(
            "NOTEBOOK",
            "布面笔记本",
            "A5",
            "books",
            "19.00",
        )
        .drawn("notebook")
        .units(2)]),
        demo("10279", priya(), 6, 3)
            .shows("买二赠二：退一只熊，就退一份赠品。", "Two bears with two gifts: one gift comes back with each bear.")
            .of([
                item("TEDDY", "Teddy bear", "honey", "toys", "149.00").drawn("teddy").units(2),
                item("GIFT-BOX", "Gift box", "free with each bear", "gifts", "20.00").drawn("gift-box").units(2).gift_with("1", "40.00"),
            ]),
        demo("10280", lin(), 5, 2)
            .shows(
                "三十件：可以分几次退；一年内退过六次后，由专人查看。",
                "Thirty of one kind: return a few at a time. After six returns in a year someone on our team checks it.",
            )
            .of([item("BLOCKS-ABC", "字母积木", "三块装", "toys", "39.00").drawn("blocks").units(30)]),
        demo("10281", emma(), 7, 4)
            .shows(
                "少件或发错：补发或退款；发错时请拍一张照片。",
                "A part is missing or wrong: it is sent again or refunded; of a wrong item we ask for a photo.",
            )
            .of([
                item("PUZZLE-1000", "Puzzle, 1000 pieces", "Harbour", "toys", "129.00").drawn("puzzle"),
                item("GAME-TOWERS", "Board game “Towers”", "English", "toys", "269.00").drawn("board-game"),
            ]),
        demo("10284", priya(), 14, 11)
            .shows(
                "过了 7 天：未拆封的书可换货或换成购物金。",
                "Past seven days: an unopened book can be exchanged or turned into store credit.",
            )
            .of([item("BOOK-GARDEN", "The small garden", "hardcover", "books", "88.00").drawn("book")]),
    ]
}
