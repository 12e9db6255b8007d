//! What units are worth.

use std::f64::consts::PI;

/// Units of one quantity, each with how many of the quantity's own unit it is worth.
pub(super) type Scale = &'static [(&'static str, f64)];

/// In degrees.
pub(super) const ANGLE: Scale = &[
    ("Arcminute", 1.0 / 60.0),
    ("Arcsecond", 1.0 / 3600.0),
    ("Centiradian", 1.8 / PI),
    ("Deciradian", 18.0 / PI),
    ("Degree", 1.0),
    ("Gradian", 0.9),
    ("Microdegree", 1e-6),
    ("Microradian", 180e-6 / PI),
    ("Millidegree", 1e-3),
    ("Milliradian", 0.18 / PI),
    ("Nanodegree", 1e-9),
    ("Nanoradian", 180e-9 / PI),
    ("NatoMil", 360.0 / 6400.0),
    ("Radian", 180.0 / PI),
    ("Revolution", 360.0),
    ("Tilt", 90.0),
];

const BRITISH_THERMAL_UNIT: f64 = 1_055.055_852_62;
const ELECTRON_VOLT: f64 = 1.602_176_634e-19;
const CALORIE: f64 = 4.184;
const WATT_HOUR: f64 = 3600.0;
const WATT_DAY: f64 = 86_400.0;
const THERM_EC: f64 = 105_505_585.262;
const THERM_US: f64 = 105_480_400.0;

/// In joules.
pub(super) const ENERGY: Scale = &[
    ("BritishThermalUnit", BRITISH_THERMAL_UNIT),
    ("Calorie", CALORIE),
    ("DecathermEc", 10.0 * THERM_EC),
    ("DecathermImperial", 10.0 * THERM_EC),
    ("DecathermUs", 10.0 * THERM_US),
    ("ElectronVolt", ELECTRON_VOLT),
    ("Erg", 1e-7),
    ("FootPound", 1.355_817_948_331_400_4),
    ("GigabritishThermalUnit", 1e9 * BRITISH_THERMAL_UNIT),
    ("GigaelectronVolt", 1e9 * ELECTRON_VOLT),
    ("Gigajoule", 1e9),
    ("GigawattDay", 1e9 * WATT_DAY),
    ("GigawattHour", 1e9 * WATT_HOUR),
    ("HorsepowerHour", 2_684_519.537_696_173),
    ("Joule", 1.0),
    ("KilobritishThermalUnit", 1e3 * BRITISH_THERMAL_UNIT),
    ("Kilocalorie", 1e3 * CALORIE),
    ("KiloelectronVolt", 1e3 * ELECTRON_VOLT),
    ("Kilojoule", 1e3),
    ("KilowattDay", 1e3 * WATT_DAY),
    ("KilowattHour", 1e3 * WATT_HOUR),
    ("MegabritishThermalUnit", 1e6 * BRITISH_THERMAL_UNIT),
    ("Megacalorie", 1e6 * CALORIE),
    ("MegaelectronVolt", 1e6 * ELECTRON_VOLT),
    ("Megajoule", 1e6),
    ("MegawattDay", 1e6 * WATT_DAY),
    ("MegawattHour", 1e6 * WATT_HOUR),
    ("Millijoule", 1e-3),
    ("TeraelectronVolt", 1e12 * ELECTRON_VOLT),
    ("TerawattDay", 1e12 * WATT_DAY),
    ("TerawattHour", 1e12 * WATT_HOUR),
    ("ThermEc", THERM_EC),
    ("ThermImperial", THERM_EC),
    ("ThermUs", THERM_US),
    ("WattDay", WATT_DAY),
    ("WattHour", WATT_HOUR),
];

const KILOGRAM_FORCE: f64 = 9.806_65;
const POUND_FORCE: f64 = 4.448_221_615_260_5;

/// In newtons.
pub(super) const FORCE: Scale = &[
    ("Decanewton", 10.0),
    ("Dyn", 1e-5),
    ("KilogramForce", KILOGRAM_FORCE),
    ("Kilonewton", 1e3),
    ("KiloPond", KILOGRAM_FORCE),
    ("KilopoundForce", 1e3 * POUND_FORCE),
    ("Meganewton", 1e6),
    ("Micronewton", 1e-6),
    ("Millinewton", 1e-3),
    ("Newton", 1.0),
    ("OunceForce", POUND_FORCE / 16.0),
    ("Poundal", 0.138_254_954_376),
    ("PoundForce", POUND_FORCE),
    ("ShortTonForce", 2000.0 * POUND_FORCE),
    ("TonneForce", 1e3 * KILOGRAM_FORCE),
];

const INCH: f64 = 0.0254;
const FOOT: f64 = 0.3048;
const US_SURVEY_FOOT: f64 = 1200.0 / 3937.0;
const LIGHT_YEAR: f64 = 9_460_730_472_580_800.0;
const ASTRONOMICAL_UNIT: f64 = 149_597_870_700.0;
const PARSEC: f64 = 648_000.0 / PI * ASTRONOMICAL_UNIT;

/// In metres.
pub(super) const LENGTH: Scale = &[
    ("Angstrom", 1e-10),
    ("AstronomicalUnit", ASTRONOMICAL_UNIT),
    ("Centimeter", 1e-2),
    ("Chain", 66.0 * FOOT),
    ("DataMile", 6000.0 * FOOT),
    ("Decameter", 10.0),
    ("Decimeter", 0.1),
    ("DtpPica", INCH / 6.0),
    ("DtpPoint", INCH / 72.0),
    ("Fathom", 6.0 * FOOT),
    ("Foot", FOOT),
    ("Hand", 4.0 * INCH),
    ("Hectometer", 100.0),
    ("Inch", INCH),
    ("KilolightYear", 1e3 * LIGHT_YEAR),
    ("Kilometer", 1e3),
    ("Kiloparsec", 1e3 * PARSEC),
    ("LightYear", LIGHT_YEAR),
    ("MegalightYear", 1e6 * LIGHT_YEAR),
    ("Megaparsec", 1e6 * PARSEC),
    ("Meter", 1.0),
    ("Microinch", 1e-6 * INCH),
    ("Micrometer", 1e-6),
    ("Mil", 1e-3 * INCH),
    ("Mile", 5280.0 * FOOT),
    ("Millimeter", 1e-3),
    ("Nanometer", 1e-9),
    ("NauticalMile", 1852.0),
    ("Parsec", PARSEC),
    ("PrinterPica", 12.0 * INCH * 0.013_837),
    ("PrinterPoint", INCH * 0.013_837),
    ("Shackle", 90.0 * FOOT),
    ("SolarRadius", 695_510_000.0),
    ("Twip", INCH / 1440.0),
    ("UsSurveyFoot", US_SURVEY_FOOT),
    ("Yard", 3.0 * FOOT),
];

const POUND: f64 = 453.592_37;

/// In grams.
pub(super) const MASS: Scale = &[
    ("Centigram", 1e-2),
    ("Decagram", 10.0),
    ("Decigram", 0.1),
    ("EarthMass", 5.9722e27),
    ("Grain", POUND / 7000.0),
    ("Gram", 1.0),
    ("Hectogram", 100.0),
    ("Kilogram", 1e3),
    ("Kilopound", 1e3 * POUND),
    ("Kilotonne", 1e9),
    ("LongHundredweight", 112.0 * POUND),
    ("LongTon", 2240.0 * POUND),
    ("Megapound", 1e6 * POUND),
    ("Megatonne", 1e12),
    ("Microgram", 1e-6),
    ("Milligram", 1e-3),
    ("Nanogram", 1e-9),
    ("Ounce", POUND / 16.0),
    ("Pound", POUND),
    ("ShortHundredweight", 100.0 * POUND),
    ("ShortTon", 2000.0 * POUND),
    ("Slug", POUND * KILOGRAM_FORCE / FOOT),
    ("SolarMass", 1.988_47e33),
    ("Stone", 14.0 * POUND),
    ("Tonne", 1e6),
];

/// Distances of speeds, in metres.
pub(super) const SPEED_DISTANCE: Scale = &[
    ("Centimeter", 1e-2),
    ("Decimeter", 0.1),
    ("Foot", FOOT),
    ("Inch", INCH),
    ("Kilometer", 1e3),
    ("Meter", 1.0),
    ("Micrometer", 1e-6),
    ("Mile", 5280.0 * FOOT),
    ("Millimeter", 1e-3),
    ("Nanometer", 1e-9),
    ("UsSurveyFoot", US_SURVEY_FOOT),
    ("Yard", 3.0 * FOOT),
];

/// Times of speeds, in seconds.
pub(super) const SPEED_TIME: Scale = &[("Hour", 3600.0), ("Minute", 60.0), ("Second", 1.0)];

const CUBIC_FOOT: f64 = 1e3 * FOOT * FOOT * FOOT;
const US_GALLON: f64 = 231.0 * 1e3 * INCH * INCH * INCH;
const IMPERIAL_GALLON: f64 = 4.546_09;

/// In litres.
pub(super) const VOLUME: Scale = &[
    ("AcreFoot", 1_233_481.837_547_52),
    ("AuTablespoon", 0.02),
    ("BoardFoot", CUBIC_FOOT / 12.0),
    ("Centiliter", 1e-2),
    ("CubicCentimeter", 1e-3),
    ("CubicDecimeter", 1.0),
    ("CubicFoot", CUBIC_FOOT),
    ("CubicHectometer", 1e9),
    ("CubicInch", 1e3 * INCH * INCH * INCH),
    ("CubicKilometer", 1e12),
    ("CubicMeter", 1e3),
    ("CubicMicrometer", 1e-15),
    ("CubicMile", CUBIC_FOOT * 5280.0 * 5280.0 * 5280.0),
    ("CubicMillimeter", 1e-6),
    ("CubicYard", 27.0 * CUBIC_FOOT),
    ("Decaliter", 10.0),
    ("DecausGallon", 10.0 * US_GALLON),
    ("Deciliter", 0.1),
    ("DeciusGallon", 0.1 * US_GALLON),
    ("HectocubicFoot", 100.0 * CUBIC_FOOT),
    ("HectocubicMeter", 1e5),
    ("Hectoliter", 100.0),
    ("HectousGallon", 100.0 * US_GALLON),
    ("ImperialBeerBarrel", 36.0 * IMPERIAL_GALLON),
    ("ImperialGallon", IMPERIAL_GALLON),
    ("ImperialOunce", IMPERIAL_GALLON / 160.0),
    ("ImperialPint", IMPERIAL_GALLON / 8.0),
    ("KilocubicFoot", 1e3 * CUBIC_FOOT),
    ("KilocubicMeter", 1e6),
    ("KiloimperialGallon", 1e3 * IMPERIAL_GALLON),
    ("Kiloliter", 1e3),
    ("KilousGallon", 1e3 * US_GALLON),
    ("Liter", 1.0),
    ("MegacubicFoot", 1e6 * CUBIC_FOOT),
    ("MegaimperialGallon", 1e6 * IMPERIAL_GALLON),
    ("Megaliter", 1e6),
    ("MegausGallon", 1e6 * US_GALLON),
    ("MetricCup", 0.25),
    ("MetricTeaspoon", 0.005),
    ("Microliter", 1e-6),
    ("Milliliter", 1e-3),
    ("OilBarrel", 42.0 * US_GALLON),
    ("UkTablespoon", 0.015),
    ("UsBeerBarrel", 31.0 * US_GALLON),
    ("UsCustomaryCup", US_GALLON / 16.0),
    ("UsGallon", US_GALLON),
    ("UsLegalCup", 0.24),
    ("UsOunce", US_GALLON / 128.0),
    ("UsPint", US_GALLON / 8.0),
    ("UsQuart", US_GALLON / 4.0),
    ("UsTablespoon", US_GALLON / 256.0),
    ("UsTeaspoon", US_GALLON / 768.0),
];
