"""Places that fit together: a city with its country, postcode, streets, position and telephone code."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import NamedTuple

# Per country: code, name, language of its people, how a street line reads, postcode of a city ("#" a digit),
# how a fixed line and a mobile number go on after the city's code. Digits are taken from ranges that are set
# aside for stories where a country has one, and otherwise contain 555.
COUNTRIES = """
RO|Romania|ro|{street} {number}|+40 {area}|+40 712 555 ###
DE|Germany|de|{street} {number}|+49 {area}###|+49 171 39200 ##
AT|Austria|de|{street} {number}|+43 {area} 555 0###|+43 664 555 0###
CH|Switzerland|de|{street} {number}|+41 {area} 555 0# ##|+41 79 555 0# ##
FR|France|fr|{number} {street}|+33 {area} ## ##|+33 6 55 50 ## ##
BE|Belgium|nl|{street} {number}|+32 {area}|+32 470 55 5# ##
GB|United Kingdom|en|{number} {street}|+44 {area} 0###|+44 7520 555 ###
IE|Ireland|en|{number} {street}|+353 {area}|+353 85 555 0###
ES|Spain|es|{street} {number}|+34 {area} 55 5# ##|+34 600 555 ###
IT|Italy|it|{street} {number}|+39 {area} 5550 ###|+39 333 555 0###
PL|Poland|pl|{street} {number}|+48 {area} 555 0# ##|+48 600 555 ###
CZ|Czechia|cs|{street} {number}|+420 {area}|+420 601 555 ###
HU|Hungary|hu|{street} {number}.|+36 {area}|+36 20 555 0###
SE|Sweden|sv|{street} {number}|+46 {area} ##|+46 70 174 06 ##
DK|Denmark|da|{street} {number}|+45 {area} 55 5# ##|+45 20 55 5# ##
NO|Norway|no|{street} {number}|+47 {area} 55 5# ##|+47 40 55 5# ##
FI|Finland|fi|{street} {number}|+358 {area} 555 0###|+358 40 555 0###
NL|Netherlands|nl|{street} {number}|+31 {area} 555 0###|+31 6 555 01 ###
PT|Portugal|pt|{street} {number}|+351 {area} 555 0###|+351 91 555 0###
GR|Greece|el|{street} {number}|+30 {area}|+30 694 555 0###
BG|Bulgaria|bg|{street} {number}|+359 {area}|+359 88 555 0###
"""

STREETS = """
ro|Strada Morii|Strada Teiului|Bulevardul Unirii|Calea Moșilor|Strada Zorilor|Aleea Castanilor|Șoseaua Gării
de|Lindenstraße|Am Mühlbach|Gartenweg|Bahnhofstraße|Ziegelhütte|Kastanienallee|Hafenstraße|Schlossgasse
fr|rue des Tilleuls|avenue de la Gare|quai du Moulin|rue de l’Église|place du Marché|chemin des Vignes
en|Mill Lane|Station Road|Orchard Street|Harbour View|Church Hill|Chestnut Avenue|Foundry Yard|Canal Street
es|Calle del Molino|Avenida de la Estación|Calle Mayor|Paseo del Río|Calle de la Fuente|Plaza Nueva
it|Via del Mulino|Viale della Stazione|Via dei Tigli|Corso Nuovo|Via della Fontana|Piazza del Mercato
pl|ul. Lipowa|ul. Młyńska|ul. Ogrodowa|al. Kasztanowa|ul. Źródlana|ul. Dworcowa
cs|Lipová|Mlýnská|Zahradní|Nádražní|Růžová|Na Příkopě
hu|Malom utca|Hársfa utca|Kert utca|Állomás út|Rózsa utca
sv|Kvarngatan|Lindvägen|Hamngatan|Björkgatan|Trädgårdsgatan|Ängsvägen
da|Møllevej|Havnegade|Kirkevej|Lindegade|Søndergade|Engvej
no|Mølleveien|Havnegata|Kirkeveien|Lindegata|Søndre gate|Fjellveien
fi|Myllykatu|Satamakatu|Koivutie|Puutarhakatu|Kirkkotie|Mäkitie
nl|Molenweg|Havenstraat|Kerkplein|Lindelaan|Stationsstraat|Tuinpad
pt|Rua do Moinho|Avenida da Estação|Rua das Flores|Largo da Igreja|Travessa do Rio
el|Οδός Ελιάς|Λεωφόρος Σταθμού|Οδός Μύλου|Οδός Λιμένος
bg|ул. Липа|бул. Гара|ул. Мелница|ул. Роза
"""

# City | country | region | postcode pattern | latitude | longitude | telephone code | weight.
CITIES = """
București|RO|București|01####|44.4268|26.1025|21 555 0###|9
Cluj-Napoca|RO|Cluj|400###|46.7712|23.6236|264 555 0##|5
Timișoara|RO|Timiș|300###|45.7489|21.2087|256 555 0##|4
Iași|RO|Iași|700###|47.1585|27.6014|232 555 0##|4
Brașov|RO|Brașov|500###|45.6427|25.5887|268 555 0##|3
Sibiu|RO|Sibiu|550###|45.7983|24.1256|269 555 0##|2
Berlin|DE|Berlin|10###|52.5200|13.4050|30 23125 |5
Köln|DE|Nordrhein-Westfalen|50###|50.9375|6.9603|221 4710 |3
München|DE|Bayern|80###|48.1351|11.5820|89 99998 |4
Hamburg|DE|Hamburg|20###|53.5511|9.9937|40 66969 |3
Wien|AT|Wien|1##0|48.2082|16.3738|1|3
Graz|AT|Steiermark|80#0|47.0707|15.4395|316|1
Zürich|CH|Zürich|80##|47.3769|8.5417|44|2
Paris|FR|Île-de-France|750##|48.8566|2.3522|1 99 00|4
Lyon|FR|Auvergne-Rhône-Alpes|6900#|45.7640|4.8357|4 65 71|2
Nantes|FR|Pays de la Loire|440##|47.2184|-1.5536|2 61 91|2
Antwerpen|BE|Antwerpen|20#0|51.2194|4.4025|3 555 0# ##|2
Gent|BE|Oost-Vlaanderen|90#0|51.0543|3.7174|9 255 5# ##|1
London|GB|England|EC1A #BB|51.5074|-0.1278|20 7946|4
Manchester|GB|England|M## 4WX|53.4808|-2.2426|161 496|2
Edinburgh|GB|Scotland|EH# 1QT|55.9533|-3.1883|131 496|2
Dublin|IE|Leinster|D## X2Y#|53.3498|-6.2603|1 555 0###|2
Madrid|ES|Madrid|280##|40.4168|-3.7038|91 5|3
Valencia|ES|Comunitat Valenciana|460##|39.4699|-0.3763|96 5|2
Bilbao|ES|País Vasco|480##|43.2630|-2.9350|94 5|1
Milano|IT|Lombardia|201##|45.4642|9.1900|02|3
Bologna|IT|Emilia-Romagna|401##|44.4949|11.3426|051|2
Torino|IT|Piemonte|101##|45.0703|7.6869|011|1
Warszawa|PL|Mazowieckie|00-###|52.2297|21.0122|22|4
Kraków|PL|Małopolskie|30-###|50.0647|19.9450|12|2
Wrocław|PL|Dolnośląskie|50-###|51.1079|17.0385|71|2
Praha|CZ|Praha|110 ##|50.0755|14.4378|222 555 ###|2
Brno|CZ|Jihomoravský kraj|602 ##|49.1951|16.6068|542 555 ###|1
Budapest|HU|Budapest|10##|47.4979|19.0402|1 555 0###|2
Debrecen|HU|Hajdú-Bihar|40##|47.5316|21.6273|52 555 0##|1
Stockholm|SE|Stockholms län|111 ##|59.3293|18.0686|8 465 004|2
Göteborg|SE|Västra Götaland|411 ##|57.7089|11.9746|31 390 06|1
København|DK|Hovedstaden|12##|55.6761|12.5683|32|2
Oslo|NO|Oslo|01##|59.9139|10.7522|22|2
Helsinki|FI|Uusimaa|001##|60.1699|24.9384|9|2
Amsterdam|NL|Noord-Holland|10## AB|52.3676|4.9041|20|2
Utrecht|NL|Utrecht|35## KL|52.0907|5.1214|30|1
Lisboa|PT|Lisboa|11##-###|38.7223|-9.1393|21|2
Porto|PT|Porto|40##-###|41.1579|-8.6291|22|1
Αθήνα|GR|Αττική|105 ##|37.9838|23.7275|21 0555 0###|1
София|BG|София|10##|42.6977|23.3219|2 555 0###|1
"""


class City(NamedTuple):
    """A city as the pools know it; `fixed` and `mobile` are telephone patterns with "#" for a digit."""

    name: str
    region: str
    country: str
    country_name: str
    language: str
    postcode: str
    latitude: int  # in hundred-thousandths of a degree
    longitude: int
    street_line: str
    streets: tuple[str, ...]
    fixed: str
    mobile: str


class Place(NamedTuple):
    """An address somewhere in a city; `country` is the ISO 3166 code, `language` what people speak there."""

    street: str
    postcode: str
    city: str
    region: str
    country: str
    country_name: str
    language: str
    latitude: Decimal
    longitude: Decimal
    fixed: str
    mobile: str


def place(random: Random) -> Place:
    """An address in one of the cities, larger ones more often, within some kilometres of the centre."""
    return place_in(random, DRAWN[int(random.random() * len(DRAWN))])


def place_in(random: Random, city: City) -> Place:
    """An address in this city."""
    chance = random.random
    street = city.streets[int(chance() * len(city.streets))]
    return Place(
        city.street_line.format(street=street, number=1 + int(chance() * 140)),
        digits(random, city.postcode),
        city.name,
        city.region,
        city.country,
        city.country_name,
        city.language,
        Decimal(city.latitude + int((chance() - 0.5) * 7000)).scaleb(-5),
        Decimal(city.longitude + int((chance() - 0.5) * 9000)).scaleb(-5),
        city.fixed,
        city.mobile,
    )


def phone(random: Random, place: Place) -> str:
    """A fixed line in the place's city, in international form."""
    return digits(random, place.fixed)


def mobile(random: Random, place: Place) -> str:
    """A mobile number of the place's country, in international form."""
    return digits(random, place.mobile)


def digits(random: Random, pattern: str) -> str:
    """The pattern with a digit for every "#"."""
    count = pattern.count("#")
    if not count:
        return pattern
    drawn = iter(f"{int(random.random() * 10**count):0{count}}")
    return "".join([next(drawn) if sign == "#" else sign for sign in pattern])


def _rows(block: str) -> list[list[str]]:
    return [line.split("|") for line in block.strip().splitlines()]


def _cities() -> tuple[City, ...]:
    """Every city, as often as its weight says."""
    streets = {language: tuple(names) for language, *names in _rows(STREETS)}
    countries = {code: rest for code, *rest in _rows(COUNTRIES)}
    drawn: list[City] = []
    for name, country, region, postcode, latitude, longitude, area, weight in _rows(CITIES):
        country_name, language, line, fixed, mobile_pattern = countries[country]
        city = City(
            name, region, country, country_name, language, postcode,
            round(float(latitude) * 100_000), round(float(longitude) * 100_000),
            line, streets[language], fixed.replace("{area}", area), mobile_pattern,
        )  # fmt: skip
        drawn += [city] * int(weight)
    return tuple(drawn)


DRAWN = _cities()
