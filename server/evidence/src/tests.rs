//! Long because each kind of file that tries to get in has its case.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use app::messages::Messages;
use domain::words::Locale;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use hayro::hayro_syntax::Pdf;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

fn cleaned(bytes: &[u8]) -> Result<Cleaned, Unreadable> {
    clean(bytes, &EvidenceLimits::default())
}

fn code(bytes: &[u8]) -> &'static str {
    cleaned(bytes).map_or_else(|refusal| refusal.code(), |_| "ok")
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn seen(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

/// A JPEG that is nothing but its picture: no segment in it can hold anything else, and nothing follows its end.
#[track_caller]
fn assert_bare(jpeg: &[u8]) {
    assert_eq!(jpeg[..2], [0xFF, 0xD8]);
    let mut at = 2;
    loop {
        assert_eq!(jpeg[at], 0xFF);
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        match jpeg[at + 1] {
            0xE0 => assert_eq!((&jpeg[at + 4..at + 9], length), (&b"JFIF\0"[..], 16)),
            0xDB | 0xC0 | 0xC4 => {}
            0xDA => break,
            other => panic!("a segment {other:02x}"),
        }
        at += 2 + length;
    }
    let end = jpeg.windows(2).position(|pair| pair == [0xFF, 0xD9]).unwrap();
    assert_eq!(end + 2, jpeg.len());
    for trace in [&b"Exif"[..], b"http://ns.adobe.com", b"ICC_PROFILE"] {
        assert!(!contains(jpeg, trace));
    }
}

#[track_caller]
fn assert_safe(kept: &Cleaned, limits: &EvidenceLimits) {
    assert_bare(&kept.preview);
    let preview = seen(&kept.preview);
    assert!(preview.width().max(preview.height()) <= PREVIEW_SIDE);
    assert!(kept.width.max(kept.height) <= limits.longest_side && kept.width > 0 && kept.height > 0);
    match kept.media {
        Media::Jpeg => {
            assert_bare(&kept.bytes);
            assert_eq!((seen(&kept.bytes).dimensions(), kept.pages), ((kept.width, kept.height), 1));
        }
        Media::Pdf => assert_eq!(Pdf::new(kept.bytes.clone()).unwrap().pages().len(), kept.pages as usize),
    }
}

/// Something to look at: a red quarter on the upper left, the rest in colours that change.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x * 2 < width, y * 2 < height) {
        (true, true) => Rgb([220, 20, 20]),
        _ => Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, ((x ^ y) & 0xFF) as u8]),
    })
}

fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// The pictures of others, where they are at hand.
fn samples() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder = std::env::var_os("HOMEBOUND_DATA").map_or_else(|| beside.into(), PathBuf::from).join("images");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {folder:?} is not at hand (HOMEBOUND_DATA names the folder above)");
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// What is not taken of the pictures of others; all the rest is.
fn expected(name: &str) -> &'static str {
    const BROKEN: [&str; 18] = [
        "pillow/apng/syntax_num_frames_zero.png",
        "pillow/broken.png",
        "pillow/broken_data_stream.png",
        "pillow/decompression_bomb.gif",
        "pillow/truncated_app14.jpg",
        "pillow/truncated_end_chunk.png",
        "pillow/truncated_image.png",
        "pngsuite/xc1n0g08.png",
        "pngsuite/xc9n2c08.png",
        "pngsuite/xcrn0g04.png",
        "pngsuite/xcsn0g01.png",
        "pngsuite/xd0n2c08.png",
        "pngsuite/xd3n2c08.png",
        "pngsuite/xd9n2c08.png",
        "pngsuite/xdtn0g01.png",
        "pngsuite/xhdn0g08.png",
        "pngsuite/xlfn0g04.png",
        "pngsuite/xs7n0g01.png",
    ];
    if BROKEN.contains(&name) {
        return "broken";
    }
    // Their first byte is damaged: nothing tells that they were pictures.
    if ["pngsuite/xs1n0g01.png", "pngsuite/xs2n0g01.png", "pngsuite/xs4n0g01.png"].contains(&name) {
        return "unknown";
    }
    match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some("jpg" | "png" | "webp" | "gif") => "ok",
        Some("avif" | "avifs" | "heif" | "heic") => "heic",
        _ => "unknown",
    }
}

#[test]
fn every_sample_is_cleaned_or_refused_as_it_should_be() {
    let Some(folder) = samples() else { return };
    let limits = EvidenceLimits::default();
    let mut wrong = Vec::new();
    for path in files(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        let answer = clean(&bytes, &limits);
        if let Ok(kept) = &answer {
            assert_safe(kept, &limits);
        }
        let said = answer.as_ref().map_or_else(Unreadable::code, |_| "ok");
        if said != expected(&name) {
            wrong.push(format!("{name}: {said}, not {}", expected(&name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_places_where_photos_were_taken_are_gone() {
    let Some(folder) = samples() else { return };
    for path in files(&folder.join("exif-samples/jpg/gps")).into_iter().filter(|path| path.extension().is_some()) {
        let bytes = std::fs::read(&path).unwrap();
        assert!(contains(&bytes, b"Exif"), "{path:?}");
        let kept = cleaned(&bytes).unwrap();
        assert_bare(&kept.bytes);
        assert_bare(&kept.preview);
    }
}

#[test]
fn photos_stand_upright_however_the_telephone_was_held() {
    let Some(folder) = samples() else { return };
    for (shape, size) in [("landscape", (600, 450)), ("portrait", (450, 600))] {
        let mut upright: Option<RgbImage> = None;
        for orientation in 1..=8 {
            let name = format!("exif-samples/jpg/orientation/{shape}_{orientation}.jpg");
            let kept = cleaned(&std::fs::read(folder.join(&name)).unwrap()).unwrap();
            assert_eq!((kept.width, kept.height), size, "{name}");
            let small = seen(&kept.preview);
            let upright = upright.get_or_insert_with(|| small.clone());
            let far: u64 = small.iter().zip(upright.iter()).map(|(one, other)| u64::from(one.abs_diff(*other))).sum();
            // The same scene but for a number on it: turned or mirrored, it is some forty levels off.
            let level = far / small.len() as u64;
            assert!(level < 12, "{name}: {level}");
        }
    }
}

#[test]
fn every_kind_that_is_taken_becomes_a_jpeg_of_the_same_picture() {
    let shown = picture(120, 80);
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp] {
        let picture = if format == ImageFormat::Gif {
            DynamicImage::from(shown.clone()).into_rgba8().into()
        } else {
            DynamicImage::from(shown.clone())
        };
        let kept = cleaned(&file(picture, format)).unwrap();
        assert_safe(&kept, &EvidenceLimits::default());
        assert_eq!((kept.media, kept.width, kept.height), (Media::Jpeg, 120, 80), "{format:?}");
        let Rgb([red, green, blue]) = *seen(&kept.bytes).get_pixel(20, 20);
        assert!(red > 200 && green < 45 && blue < 45, "{format:?}");
    }
}

#[test]
fn what_is_transparent_is_white() {
    let mut sheer = RgbaImage::from_pixel(64, 64, Rgba([0, 0, 0, 0]));
    for x in 32..64 {
        for y in 0..64 {
            sheer.put_pixel(x, y, Rgba([0, 0, 0, 128]));
        }
    }
    let shown = seen(&cleaned(&file(sheer, ImageFormat::Png)).unwrap().bytes);
    assert_eq!(*shown.get_pixel(8, 8), Rgb([255, 255, 255]));
    assert!(shown.get_pixel(56, 8).0.iter().all(|level| (125..=130).contains(level)));
}

#[test]
fn colours_of_a_telephone_s_screen_become_those_of_every_screen() {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    image::ImageEncoder::set_icc_profile(&mut encoder, moxcms::ColorProfile::new_display_p3().encode().unwrap()).unwrap();
    let green = RgbImage::from_pixel(16, 16, Rgb([80, 160, 80]));
    image::ImageEncoder::write_image(encoder, &green, 16, 16, image::ExtendedColorType::Rgb8).unwrap();
    let Rgb([red, green, _]) = *seen(&cleaned(&bytes).unwrap().bytes).get_pixel(8, 8);
    assert!(red < 65 && green > 160, "{red} {green}");
}

#[test]
fn large_photos_are_kept_smaller_and_lines_stay_lines() {
    let limits = EvidenceLimits::default();
    for (from, to) in [((4000, 3000), (2400, 1800)), ((2401, 100), (2400, 100)), ((5000, 1), (2400, 1)), ((300, 200), (300, 200))] {
        let start = Instant::now();
        let photo = file(picture(from.0, from.1), ImageFormat::Jpeg);
        let made = start.elapsed();
        let kept = clean(&photo, &limits).unwrap();
        println!("{from:?}: made in {made:?}, cleaned in {:?}", start.elapsed() - made);
        assert_safe(&kept, &limits);
        assert_eq!((kept.width, kept.height), to);
    }
}

/// A PNG of a head only: it says how large it is, and its pixels are packed zeros.
fn png_of_zeros(width: u32, height: u32, packed: &[u8]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8], data: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(kind);
        sum.update(data);
        png.extend((data.len() as u32).to_be_bytes());
        png.extend(kind);
        png.extend(data);
        png.extend(sum.sum().to_be_bytes());
    };
    chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat());
    chunk(b"IDAT", packed);
    chunk(b"IEND", b"");
    png
}

#[test]
fn bombs_are_refused_before_they_are_unpacked() {
    let packed = zlib(&vec![0; 4 << 20]);
    let mut wide_gif = b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    wide_gif.extend(b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0;");
    let mut wide_jpeg = file(picture(64, 64), ImageFormat::Jpeg);
    let frame = wide_jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    wide_jpeg[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xDC, 0xFF, 0xDC]);
    let mut wide_bmp = file(picture(64, 64), ImageFormat::Bmp);
    wide_bmp[18..22].copy_from_slice(&60_000u32.to_le_bytes());
    wide_bmp[22..26].copy_from_slice(&60_000u32.to_le_bytes());
    for (bomb, pixels) in [
        (png_of_zeros(60_000, 60_000, &packed), 60_000 * 60_000),
        (png_of_zeros(1_000_000, 70, &packed), 70_000_000),
        (wide_gif, 65_535 * 65_535),
        (wide_jpeg, 65_500 * 65_500),
        (wide_bmp, 60_000 * 60_000),
    ] {
        // None of them holds what its head says: unpacking any would call it broken.
        assert_eq!(cleaned(&bomb), Err(Unreadable::TooManyPixels { pixels, most: 60_000_000 }));
    }
}

#[test]
fn a_photo_in_many_scans_may_have_fewer_pixels_because_it_takes_more_memory() {
    let mut head = file(picture(64, 64), ImageFormat::Jpeg);
    let frame = head.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    head[frame + 1] = 0xC2;
    head[frame + 5..frame + 9].copy_from_slice(&[0x17, 0x70, 0x1F, 0x40]);
    let most = (256 << 20) / 9;
    assert_eq!(cleaned(&head), Err(Unreadable::TooManyPixels { pixels: 48_000_000, most }));
}

#[test]
fn a_photo_cut_off_in_the_middle_is_broken_and_one_without_its_last_lines_is_taken() {
    let whole = file(picture(400, 400), ImageFormat::Jpeg);
    assert_eq!(code(&whole[..whole.len() / 2]), "broken");
    assert_eq!(code(&whole[..whole.len() - 40]), "ok");
    let grey = file(RgbImage::from_pixel(64, 64, Rgb([128, 128, 128])), ImageFormat::Jpeg);
    assert_eq!(code(&grey), "ok");
}

#[test]
fn nothing_cut_off_anywhere_brings_the_server_down() {
    let shown = picture(150, 100);
    let mut whole = vec![report(&["hello"], "").into_bytes(), clean_report(2).bytes];
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Bmp] {
        whole.push(file(shown.clone(), format));
    }
    whole.push(file(DynamicImage::from(shown).into_rgba8(), ImageFormat::Gif));
    for whole in whole {
        for sixteenth in 0..=16 {
            let answer = cleaned(&whole[..whole.len() * sixteenth / 16]);
            if let Ok(kept) = answer {
                assert_safe(&kept, &EvidenceLimits::default());
            }
        }
    }
}

#[test]
fn a_file_that_is_two_things_is_the_photo_and_nothing_else() {
    let photo = file(picture(64, 64), ImageFormat::Jpeg);
    let script = b"<script>alert(document.cookie)</script>";
    let behind = [&photo[..], script, b"PK\x03\x04 an archive", b"%PDF-1.7"].concat();
    let mut inside = photo[..2].to_vec();
    inside.extend([0xFF, 0xFE]);
    inside.extend((script.len() as u16 + 2).to_be_bytes());
    inside.extend(script);
    inside.extend(&photo[2..]);
    let plain = cleaned(&photo).unwrap();
    for both in [behind, inside] {
        assert!(contains(&both, script));
        assert_eq!(cleaned(&both), Ok(plain.clone()));
    }
}

#[test]
fn other_kinds_are_refused_by_name() {
    let film = |brand: &str| format!("\0\0\0\x18ftyp{brand}\0\0\0\0mp42isom").into_bytes();
    for (bytes, refusal) in [
        (Vec::new(), "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), "unknown"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "unknown"),
        (b"<!doctype html><script>alert(1)</script>".to_vec(), "unknown"),
        (b"PK\x03\x04\x14\0\0\0\0\0".to_vec(), "unknown"),
        (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".to_vec(), "unknown"),
        (b"\x7fELF\x02\x01\x01\0".to_vec(), "unknown"),
        (b"II*\0\x08\0\0\0\0\0".to_vec(), "unknown"),
        (film("heic"), "heic"),
        (film("hevc"), "heic"),
        (film("mif1"), "heic"),
        (film("avif"), "heic"),
        (film("mp42"), "video"),
        (film("qt  "), "video"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm".to_vec(), "video"),
        (b"RIFF\0\0\0\0AVI LIST".to_vec(), "video"),
        (b"\xff\xd8\xff\xe0 not a photo".to_vec(), "broken"),
        (b"%PDF-1.7\nnothing more".to_vec(), "broken"),
    ] {
        assert_eq!(code(&bytes), refusal, "{:?}", String::from_utf8_lossy(&bytes));
    }
    let limits = EvidenceLimits { bytes: 100, ..EvidenceLimits::default() };
    assert_eq!(clean(&[0; 101], &limits), Err(Unreadable::TooLarge { bytes: 101, most: 100 }));
}

/// A PDF with a page for each text; `more` goes into its catalogue.
fn report(texts: &[&str], more: &str) -> String {
    let mut objects = vec![
        format!("<</Type/Catalog/Pages 2 0 R{more}>>"),
        format!(
            "<</Type/Pages/Count {}/Kids[{}]>>",
            texts.len(),
            (0..texts.len()).map(|page| format!("{} 0 R ", 4 + page * 2)).collect::<String>()
        ),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    for (page, text) in texts.iter().enumerate() {
        let drawing = format!("BT /F 48 Tf 60 700 Td ({text}) Tj ET");
        let contents = 5 + page * 2;
        objects.push(format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents {contents} 0 R>>"));
        objects.push(format!("<</Length {}>>stream\n{drawing}\nendstream", drawing.len()));
    }
    document(&objects, "")
}

fn document(objects: &[String], trailer: &str) -> String {
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut table = String::new();
    for (number, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", pdf.len());
        pdf += &format!("{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let start = pdf.len();
    let size = objects.len() + 1;
    pdf + &format!("xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n")
}

fn clean_report(pages: usize) -> Cleaned {
    cleaned(report(&vec!["Test report"; pages], "").as_bytes()).unwrap()
}

fn ink(jpeg: &[u8]) -> usize {
    seen(jpeg).pixels().filter(|pixel| pixel.0[0] < 100).count()
}

#[test]
fn a_test_report_is_kept_as_pictures_of_its_pages() {
    let kept = clean_report(3);
    assert_safe(&kept, &EvidenceLimits::default());
    assert_eq!((kept.media, kept.pages, kept.width, kept.height), (Media::Pdf, 3, 1239, 1754));
    let preview = seen(&kept.preview);
    assert_eq!(preview.dimensions(), (227, 320));
    assert!(ink(&kept.preview) > 20);
    let again = cleaned(&kept.bytes).unwrap();
    assert_eq!((again.pages, again.width, again.height), (3, 1239, 1754));
    assert!(ink(&again.preview) > 20, "what is kept shows the report");
}

#[test]
fn scripts_attachments_and_names_stay_behind() {
    let hostile = "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>/Names<</EmbeddedFiles<</Names[(evil.exe) 1 0 R]>>>>/AA<<>>\
                   /AcroForm<</Fields[]>>/Author(Somebody)";
    let pdf = report(&["Test report"], hostile);
    let kept = cleaned(pdf.as_bytes()).unwrap();
    assert_safe(&kept, &EvidenceLimits::default());
    for trace in ["JavaScript", "/JS", "OpenAction", "EmbeddedFiles", "evil.exe", "/AA", "AcroForm", "Somebody"] {
        assert!(contains(pdf.as_bytes(), trace.as_bytes()) && !contains(&kept.bytes, trace.as_bytes()), "{trace}");
    }
    for place in ["/Metadata", "/Info", "/Annots", "/Names", "/ObjStm"] {
        assert!(!contains(&kept.bytes, place.as_bytes()), "{place}");
    }
    let kept = Pdf::new(kept.bytes.clone()).unwrap();
    assert!(kept.metadata().author.is_none() && kept.metadata().producer.is_none());
}

#[test]
fn a_chinese_report_without_its_typeface_can_be_read() {
    let drawing = "BT /F 48 Tf 60 700 Td <68C06D4B62A5544A> Tj ET";
    let pdf = document(
        &[
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Count 1/Kids[4 0 R]>>".to_owned(),
            "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0\
             /BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>>>]>>"
                .to_owned(),
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents 5 0 R>>".to_owned(),
            format!("<</Length {}>>stream\n{drawing}\nendstream", drawing.len()),
        ],
        "",
    );
    let kept = cleaned(pdf.as_bytes()).unwrap();
    assert!(ink(&kept.preview) > 40, "{}", ink(&kept.preview));
}

#[test]
fn documents_that_are_locked_long_or_empty_are_refused() {
    let locked = report(&["secret"], "").replace(
        "/Root 1 0 R",
        &format!("/Root 1 0 R/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{}>/U<{}>>>", "5A".repeat(32), "A5".repeat(32)),
    );
    assert_eq!(cleaned(locked.as_bytes()), Err(Unreadable::Locked));
    let long = report(&["page"; 21], "");
    assert_eq!(cleaned(long.as_bytes()), Err(Unreadable::TooManyPages { pages: 21, most: 20 }));
    assert_eq!(code(report(&[], "").as_bytes()), "broken");
    assert_eq!(code(report(&["flat"], "").replace("595 842", "0 842").as_bytes()), "ok", "readers fall back to a size of their own");
    assert_eq!(code(report(&["wide"], "").replace("595 842", "99999 842").as_bytes()), "broken");
    let sliver = report(&["thin"], "").replace("595 842", "14000 1");
    assert_eq!(code(sliver.as_bytes()), "broken");
}

#[test]
fn streams_that_unpack_without_end_are_refused() {
    let limits = EvidenceLimits { memory: 1 << 20, ..EvidenceLimits::default() };
    let once = zlib(&vec![0; 2 << 20]);
    for (packed, filter) in [(once.clone(), "/FlateDecode"), (once[2..].to_vec(), "/FlateDecode")] {
        let whole = report(&["x"], "");
        let (before, after) = whole.split_once("trailer").unwrap();
        let head = format!("90 0 obj\n<</Length {}/Filter{filter}>>stream\n", packed.len());
        let bomb = [before.as_bytes(), head.as_bytes(), &packed, b"\nendstream\nendobj\ntrailer", after.as_bytes()].concat();
        assert_eq!(clean(&bomb, &limits), Err(Unreadable::broken("a stream of the PDF is larger than a page can be")), "{filter}");
    }
}

#[test]
fn documents_are_packed_as_documents_are() {
    let page = b"0 0 595 842 re f";
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X} ")).collect::<String>().into_bytes();
    let runs = [&[15][..], page, &[128]].concat();
    for (packed, filter, kept) in [
        (page.to_vec(), "", "ok"),
        (hex(page), "/Filter/ASCIIHexDecode", "ok"),
        (runs.clone(), "/Filter/RunLengthDecode", "ok"),
        (hex(&runs), "/Filter[/AHx/RL]", "ok"),
        (zlib(page), "/Filter[/FlateDecode]", "ok"),
        (hex(&zlib(page)), "/Filter[/ASCIIHexDecode/FlateDecode]", "ok"),
        (zlib(&hex(page)), "/Filter[/FlateDecode/ASCIIHexDecode]", "packed"),
        (zlib(&zlib(page)), "/Filter[/FlateDecode/FlateDecode]", "packed"),
        (hex(&hex(page)), "/Filter[/AHx/ASCIIHexDecode]", "packed"),
        (page.to_vec(), "/Filter/LZWDecode", "packed"),
        (page.to_vec(), "/Filter[/Crypt]", "packed"),
        (page.to_vec(), "/Filter 2 0 R", "packed"),
    ] {
        let whole = report(&[""], "");
        let (before, drawing) = whole.split_once("5 0 obj\n").unwrap();
        let (_, after) = drawing.split_once("endstream").unwrap();
        let head = format!("5 0 obj\n<</Length {}{filter}>>stream\n", packed.len());
        // The table of places is wrong now: readers look for them.
        let pdf = [before.as_bytes(), head.as_bytes(), &packed, b"\nendstream", after.as_bytes()].concat();
        let answer = cleaned(&pdf);
        assert_eq!(answer.as_ref().map_or_else(Unreadable::code, |_| "ok"), kept, "{filter} {answer:?}");
        if let Ok(kept) = answer {
            assert!(ink(&kept.preview) > 60_000, "{filter}");
        }
    }
}

#[test]
fn a_small_document_that_takes_a_day_to_draw_is_refused() {
    let page = |resources: &str, drawing: &str, more: &[String]| {
        let mut objects = vec![
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Count 1/Kids[3 0 R]>>".to_owned(),
            format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<{resources}>>/Contents 4 0 R>>"),
            format!("<</Length {}>>stream\n{drawing}\nendstream", drawing.len()),
        ];
        objects.extend_from_slice(more);
        document(&objects, "")
    };
    let form = |resources: &str, drawing: &str| {
        format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<<{resources}>>/Length {}>>stream\n{drawing}\nendstream",
            drawing.len()
        )
    };
    let ten = "/X Do ".repeat(10);
    let mut nested: Vec<String> = (6..20).map(|next| form(&format!("/XObject<</X {next} 0 R>>"), &ten)).collect();
    nested.push(form("", "0 0 595 842 re f"));
    let tile = "<</Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1000000 1000000]/XStep 0.01/YStep 0.01/Resources<<>>/Length 12>>\
                stream\n0 0 1 1 re f\nendstream";
    let image =
        "<</Type/XObject/Subtype/Image/Width 60000/Height 60000/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>stream\n0\nendstream";
    let masked = "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/SMask 6 0 R/Length 1>>stream\n0\nendstream";
    for (what, hostile) in [
        ("nested", page("/XObject<</X 5 0 R>>", &ten, &nested)),
        ("tiles", page("/Pattern<</P 5 0 R>>", "/Pattern cs /P scn 0 0 500 800 re f", &[tile.to_owned()])),
        ("image", page("/XObject<</X 5 0 R>>", "500 0 0 500 0 0 cm /X Do", &[image.to_owned()])),
        ("mask", page("/XObject<</X 5 0 R>>", "500 0 0 500 0 0 cm /X Do", &[masked.to_owned(), image.to_owned()])),
        ("fills", page("", &"0 0 595 842 re f ".repeat(3000), &[])),
    ] {
        assert_eq!(cleaned(hostile.as_bytes()).err(), Some(Unreadable::broken("it takes too long to draw")), "{what}");
    }
    let busy = page(
        "",
        &(0..3_000).map(|line| format!("{} {} m {} {} l S ", line % 595, line % 842, line % 590, line % 840)).collect::<String>(),
        &[],
    );
    assert_eq!(code(busy.as_bytes()), "ok");
}

#[test]
fn every_refusal_has_its_sentence_in_both_languages() {
    let every = [
        Unreadable::Empty,
        Unreadable::TooLarge { bytes: 2, most: 1 },
        Unreadable::Unknown,
        Unreadable::Heic,
        Unreadable::Video,
        Unreadable::broken("torn"),
        Unreadable::TooManyPixels { pixels: 2, most: 1 },
        Unreadable::TooLong { side: 2, most: 1 },
        Unreadable::TooManyPages { pages: 2, most: 1 },
        Unreadable::Locked,
        Unreadable::packed("twice"),
    ];
    for refusal in every {
        for locale in Locale::ALL {
            assert!(Messages::new(locale).evidence_error(refusal.code()).is_some(), "{refusal}");
        }
    }
}

fn answer(of: Result<Handed, Unreadable>) -> Vec<u8> {
    let mut bytes = Vec::new();
    handed::write(of, &mut bytes).unwrap();
    bytes
}

#[test]
fn what_a_reader_answers_is_what_is_kept() {
    let limits = EvidenceLimits::default();
    for upload in [file(picture(90, 60), ImageFormat::Png), report(&["one", "two"], "").into_bytes(), b"nothing".to_vec()] {
        assert_eq!(handed_over(&answer(read(&upload, &limits)), &limits), clean(&upload, &limits));
    }
    let long = Unreadable::broken(format!("a\nforged line{}", "!".repeat(1_000)));
    let Err(Unreadable::Broken { why }) = handed_over(&answer(Err(long)), &limits) else { panic!("a refusal") };
    assert!(why.starts_with("aforged line!") && why.len() == 200, "{why}");
}

#[test]
fn a_reader_that_was_broken_into_hands_nothing_over_but_pictures() {
    let limits = EvidenceLimits { longest_side: 200, pages: 2, ..EvidenceLimits::default() };
    let jpeg = |width, height| picture::jpeg(&picture(width, height)).unwrap();
    let photo = |jpeg: Vec<u8>| vec![Page { jpeg, points: None }];
    let page = |points| Page { jpeg: jpeg(90, 60), points };
    let handed = |pages: Vec<Page>| Handed { preview: jpeg(9, 6), pages };
    let segment = |marker: u8, data: &[u8]| {
        let photo = jpeg(90, 60);
        [&photo[..2], &[0xFF, marker], &(data.len() as u16 + 2).to_be_bytes(), data, &photo[2..]].concat()
    };
    assert!(handed(photo(jpeg(90, 60))).kept(&limits).is_ok());
    assert_eq!(handed(vec![page(Some((595.0, 842.0))); 2]).kept(&limits).unwrap().pages, 2);
    for (what, handed) in [
        ("nothing", handed(Vec::new())),
        ("too many", handed(vec![page(Some((595.0, 842.0))); 3])),
        ("photos", handed(vec![page(None); 2])),
        ("no size", handed(vec![page(Some((595.0, f32::NAN)))])),
        ("a size like a field", handed(vec![page(Some((99_000.0, 842.0)))])),
        ("another kind", handed(photo(b"<script>alert(1)</script>".to_vec()))),
        ("a place", handed(photo(segment(0xE1, b"Exif\0\0GPS")))),
        ("a label", handed(photo(segment(0xE0, b"JFIF\0and a script instead")))),
        ("a comment", handed(photo(segment(0xFE, b"<script>alert(1)</script>")))),
        ("something behind", handed(photo([jpeg(90, 60), b"PK\x03\x04".to_vec()].concat()))),
        ("something behind, with an end", handed(photo([jpeg(90, 60), b"PK\xff\xd9".to_vec()].concat()))),
        ("no end", handed(photo(jpeg(90, 60)[..900].to_vec()))),
        ("too large", handed(photo(jpeg(201, 60)))),
        ("a preview too large", Handed { preview: jpeg(321, 60), pages: photo(jpeg(90, 60)) }),
        ("no preview", Handed { preview: Vec::new(), pages: photo(jpeg(90, 60)) }),
    ] {
        assert_eq!(handed.kept(&limits).map_err(|refused| refused.code()), Err("broken"), "{what}");
    }
    let whole = answer(Ok(handed(photo(jpeg(90, 60)))));
    for wrong in [
        &whole[..whole.len() - 1],
        &[&whole[..], b"x"].concat(),
        b"",
        b"\n",
        &vec![b'{'; 100_000],
        b"{\"Read\":{\"preview\":18446744073709551615,\"pages\":[]}}\n",
    ] {
        assert_eq!(handed_over(wrong, &limits).map_err(|refused| refused.code()), Err("broken"));
    }
}

#[test]
fn what_is_made_much_smaller_keeps_its_place_and_its_light() {
    let edge = RgbImage::from_fn(30_000, 40, |x, _| if x < 15_000 { Rgb([200, 100, 0]) } else { Rgb([0, 100, 200]) });
    let small = picture::at_most(edge, 300).unwrap();
    assert_eq!(small.dimensions(), (300, 1));
    assert!(small.pixels().take(145).all(|pixel| pixel.0.iter().zip([200, 100, 0]).all(|(is, was)| is.abs_diff(was) <= 2)));
    assert!(small.pixels().skip(155).all(|pixel| pixel.0.iter().zip([0, 100, 200]).all(|(is, was)| is.abs_diff(was) <= 2)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_answer_of_a_reader_brings_the_server_down(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let limits = EvidenceLimits::default();
        let mut bytes = answer(read(report(&["hello"], "").as_bytes(), &EvidenceLimits { longest_side: 64, ..limits }));
        for (place, value) in flips {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Ok(kept) = handed_over(&bytes, &limits) {
            assert!(handed::size_of_bare(&kept.preview).is_some());
        }
    }

    #[test]
    fn no_bytes_bring_the_server_down(kind in 0..7_usize, noise in prop::collection::vec(any::<u8>(), 0..600)) {
        let starts: [&[u8]; 7] = [
            b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x58\x02\0\0WEBPVP8 ", b"BM", b"%PDF-1.7\n",
        ];
        let _ = cleaned(&[starts[kind], &noise].concat());
    }

    #[test]
    fn no_flipped_bytes_bring_the_server_down(kind in 0..6_usize, flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = match kind {
            0 => file(picture(40, 30), ImageFormat::Jpeg),
            1 => file(picture(40, 30), ImageFormat::Png),
            2 => file(picture(40, 30), ImageFormat::WebP),
            3 => file(DynamicImage::from(picture(40, 30)).into_rgba8(), ImageFormat::Gif),
            4 => file(picture(40, 30), ImageFormat::Bmp),
            _ => report(&["hello"], "").into_bytes(),
        };
        for (place, value) in flips {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Ok(kept) = cleaned(&bytes) {
            assert_safe(&kept, &EvidenceLimits::default());
        }
    }
}
