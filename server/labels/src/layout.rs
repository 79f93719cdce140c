//! Where things stand on a label's face, for each size.

use super::sheet::Area;

/// Where everything stands, in mm, and how large texts are, in pt. Rules and quiet zones keep their distance.
pub(super) struct Layout {
    pub header: Area,
    pub from: Area,
    pub to: Area,
    /// Bars with their text below.
    pub bars: Area,
    /// The QR code without its quiet zone.
    pub qr: Area,
    pub ticket: Area,
    /// The way back, the last day.
    pub facts: [Area; 2],
    pub rules: &'static [Area],
    /// Widths of a bar's module that a printer draws well; the widest that fits is taken. GS1 asks for 0.495 mm or more.
    pub modules: &'static [f32],
    pub shop: f32,
    /// Sizes of the shop's name and, below, of who sends it and of where it goes: from the wanted one down to the smallest that is still read.
    pub shop_name: &'static [f32],
    pub sender: &'static [f32],
    pub caption: f32,
    pub small: f32,
    /// From the wanted size down to the smallest that is still read at arm's length.
    pub address: &'static [f32],
    pub number: f32,
    pub rma: f32,
}

impl Layout {
    /// 105 × 148 mm.
    pub const A6: Layout = Layout {
        header: Area::new(6.0, 5.0, 93.0, 7.0),
        from: Area::new(6.0, 14.5, 93.0, 14.5),
        to: Area::new(6.0, 30.0, 93.0, 37.0),
        bars: Area::new(4.0, 70.5, 97.0, 38.0),
        qr: Area::new(6.0, 114.0, 27.0, 27.0),
        ticket: Area::new(39.0, 112.5, 60.0, 18.5),
        facts: [Area::new(39.0, 131.5, 27.0, 12.0), Area::new(67.0, 131.5, 32.0, 12.0)],
        rules: &[Area::new(6.0, 13.0, 93.0, 0.25), Area::new(6.0, 67.75, 93.0, 0.5), Area::new(6.0, 109.75, 93.0, 0.25)],
        modules: &[0.5, 0.375, 0.25],
        shop: 11.0,
        shop_name: &[11.0, 9.5, 8.0, 7.0],
        sender: &[8.0, 7.0, 6.0],
        caption: 7.0,
        small: 8.0,
        address: &[20.0, 18.0, 16.0, 14.5, 13.0, 11.5, 10.0, 9.0, 8.0, 7.0],
        number: 12.0,
        rma: 17.0,
    };

    /// The upper half of a sheet of A4.
    pub const A4: Layout = Layout {
        header: Area::new(14.0, 10.5, 182.0, 9.0),
        from: Area::new(14.0, 23.5, 98.0, 19.0),
        to: Area::new(14.0, 45.0, 98.0, 47.0),
        bars: Area::new(14.0, 97.0, 182.0, 46.0),
        qr: Area::new(120.0, 25.5, 34.0, 34.0),
        ticket: Area::new(116.0, 64.5, 80.0, 28.0),
        facts: [Area::new(159.5, 23.5, 36.5, 18.0), Area::new(159.5, 43.0, 36.5, 20.0)],
        rules: &[Area::new(14.0, 20.5, 182.0, 0.25), Area::new(14.0, 94.0, 182.0, 0.5)],
        modules: &[0.75, 0.625, 0.5, 0.375, 0.25],
        shop: 16.0,
        shop_name: &[16.0, 13.0, 11.0, 9.0],
        sender: &[11.5, 10.0, 9.0, 8.0, 7.0, 6.0],
        caption: 9.0,
        small: 11.0,
        address: &[28.0, 26.0, 24.0, 22.0, 20.0, 18.0, 16.0, 14.5, 13.0, 11.5, 10.0, 9.0],
        number: 18.0,
        rma: 28.0,
    };

    /// A sheet of A4 in large print: nothing below 16 pt, but what would be cut there.
    pub const LARGE: Layout = Layout {
        header: Area::new(15.0, 13.0, 180.0, 11.0),
        from: Area::new(15.0, 29.5, 180.0, 37.0),
        to: Area::new(15.0, 69.0, 180.0, 77.0),
        bars: Area::new(15.0, 151.0, 180.0, 44.0),
        qr: Area::new(15.0, 206.0, 57.0, 57.0),
        ticket: Area::new(84.0, 202.0, 111.0, 60.5),
        facts: [Area::new(15.0, 268.5, 66.0, 16.5), Area::new(84.0, 268.5, 111.0, 16.5)],
        rules: &[Area::new(15.0, 26.5, 180.0, 0.35), Area::new(15.0, 147.0, 180.0, 0.7), Area::new(15.0, 197.5, 180.0, 0.35)],
        modules: &[0.75, 0.625, 0.5, 0.375, 0.25],
        shop: 20.0,
        shop_name: &[20.0, 18.0, 16.0, 14.0, 11.0],
        sender: &[20.0, 18.0, 16.0, 14.0, 12.0],
        caption: 16.0,
        small: 18.0,
        address: &[36.0, 32.0, 28.0, 26.0, 24.0, 22.0, 20.0, 18.0, 16.0, 14.0],
        number: 20.0,
        rma: 36.0,
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::{BARS_QUIET, QR_QUIET, Qr};

    fn overlap(a: Area, b: Area) -> bool {
        a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.bottom() && b.top < a.bottom()
    }

    fn around(area: Area, by: f32) -> Area {
        Area::new(area.left - by, area.top - by, area.width + 2.0 * by, area.height + 2.0 * by)
    }

    #[test]
    fn nothing_stands_in_a_quiet_zone() {
        for layout in [&Layout::A6, &Layout::A4, &Layout::LARGE] {
            let [way, until] = layout.facts;
            let texts = [layout.header, layout.from, layout.to, layout.ticket, way, until];
            let others = || texts.into_iter().chain(layout.rules.iter().copied());
            for address in ["https://a.example/returns/R-7KQ4-M2XD", &format!("https://{}.example/returns/R-7KQ4-M2XD", "a".repeat(60))] {
                let qr = Qr::new(address, layout.qr.width).unwrap();
                let quiet = around(Area { width: qr.side(), height: qr.side(), ..layout.qr }, qr.module * QR_QUIET as f32);
                for other in others().chain([layout.bars]) {
                    assert!(!overlap(quiet, other), "{quiet:?} meets {other:?}");
                }
                assert!(quiet.left >= 0.0);
            }
            for other in others() {
                assert!(!overlap(layout.bars, other), "{:?} meets {other:?}", layout.bars);
            }
            assert!(layout.modules.iter().all(|module| *module >= 0.25 && (module * BARS_QUIET as f32) < layout.bars.width / 4.0));
        }
    }

    #[test]
    fn texts_do_not_stand_on_each_other() {
        for layout in [&Layout::A6, &Layout::A4, &Layout::LARGE] {
            let [way, until] = layout.facts;
            let areas = [layout.header, layout.from, layout.to, layout.bars, layout.qr, layout.ticket, way, until];
            for (place, area) in areas.iter().enumerate() {
                for other in areas[place + 1..].iter().chain(layout.rules) {
                    assert!(!overlap(*area, *other), "{area:?} meets {other:?}");
                }
            }
        }
    }
}
