"""People who do not exist: names by language, a job, and an e-mail address that comes from the name."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

# One block per language; lines start with w, m or s: women's and men's forenames, surnames.
# "Kowalski/Kowalska" gives a man's and a woman's form; "Ελένη=Eleni" gives how a name is written in an
# e-mail address where that can't be derived.
NAMES = """
ro
w Ana Ioana Elena Ștefania Mădălina Raluca Adriana Cătălina Simona Roxana Irina Teodora Lăcrămioara Mihaela
w Alina Oana
m Andrei Ștefan Mihai Radu Bogdan Cătălin Răzvan Ionuț Vlad Sorin Marius Tudor Gheorghe Dragoș Călin Ovidiu
s Popescu Ionescu Dumitrescu Stoica Țurcanu Munteanu Rusu Șerban Lazăr Bălan Crăciun Neagu Pîrvu Olteanu
s Vlădescu Sava Ardelean Moldoveanu Tănase Cojocaru Grigorescu Păun Manolescu Văcărescu
de
w Anna Katharina Jördis Franziska Lena Heike Mareike Sabine Ingrid Käthe Charlotte Greta Annette Friederike
w Wiebke Nele
m Lukas Jürgen Matthias Björn Sebastian Götz Florian Ulrich Tobias Jan Rüdiger Konrad Moritz Henning Felix
m Dieter
s Müller Schäfer Weiß Köhler Hoffmann Lindner Krüger Böhm Vogel Hartmann Groß Seidel Zimmermann Brandt
s Jäger Kessler Förster Winkelmann Schröder Albrecht Löwe Bergmann Thiele Rößler
fr
w Camille Élodie Chloé Amélie Sophie Margaux Océane Hélène Inès Juliette Maëlle Noémie Agnès Léa Solène
w Béatrice
m François Étienne Théo Mathieu Loïc Hugo Benoît Gaël Rémi Antoine Cédric Jérôme Lucien Raphaël Yannick
m Olivier
s Lefèvre Moreau Girard Dubois Fournier Rousseau Béranger Chevalier Gauthier Delorme Marchand Perrin Renaud
s Vasseur Lacombe Bréchet Faure Guérin Blanchard Carpentier Noël Desmoulins Aubert Tessier
en
w Emily Olivia Hannah Charlotte Siobhán Megan Rebecca Alice Fiona Priya Naomi Gráinne Eleanor Aisha
w Beatrice Joanna
m James Oliver Thomas Seán Daniel Rhys Edward Callum Arjun George Ruairí Marcus Simon Kwame Peter Alistair
s Carter Whitfield Hughes O'Connor Bennett Ashworth Patel Fletcher Okafor Davies MacLeod Thornton Barrett
s Harding O'Brien Sinclair Prescott Lambert Ellison Wainwright Byrne Hartley Sutton Fairweather
es
w Lucía Carmen Inés Begoña Nuria Elena Marta Ángela Pilar Sofía Rocío Irene Leire Ainhoa Paula Verónica
m Javier Álvaro Andrés Íñigo Pablo Sergio Martín Óscar Diego Raúl Gonzalo Iván Jesús Manuel Adrián Joaquín
s García Muñoz Ibáñez Fernández Ortega Núñez Vázquez Herrera Peña Castillo Domínguez Serrano Cañadas Rubio
s Gil Lozano Etxeberria Montero Benítez Saavedra Quintana Aguirre Carrasco Bermúdez
it
w Giulia Chiara Francesca Noemi Alessia Beatrice Martina Ludovica Elisa Paola Viola Caterina Serena Ilaria
w Donatella Mirella
m Marco Lorenzo Niccolò Matteo Davide Alessandro Federico Pietro Giacomo Luca Emanuele Riccardo Stefano
m Dario Fabio Ettore
s Rossi Bianchi Colombo Ferrari Galli Conti D'Angelo Moretti Rinaldi Barbieri Fontana Mancini De Luca
s Sartori Pellegrini Nicolò Grassi Bellini Caruso Marchetti Santoro Villa Zanetti Bruni
pl
w Agnieszka Małgorzata Zofia Katarzyna Joanna Elżbieta Magdalena Łucja Hanna Wiktoria Kinga Bożena Dorota
w Alicja Ewa Iwona
m Paweł Michał Łukasz Tomasz Krzysztof Stanisław Jakub Wojciech Grzegorz Zbigniew Maciej Rafał Jędrzej
m Piotr Adam Bartosz
s Kowalski/Kowalska Nowak Wiśniewski/Wiśniewska Wójcik Zieliński/Zielińska Dąbrowski/Dąbrowska Mazur
s Krawczyk Piątek Jabłoński/Jabłońska Grabowski/Grabowska Pawlak Głowacki/Głowacka Sikora Baran Żak Wróbel
s Kaczmarek Cieślak Górski/Górska
cs
w Tereza Kateřina Zuzana Lucie Markéta Petra Hana Eliška Alžběta Jitka Božena Veronika Adéla Barbora
m Jiří Tomáš Ondřej Lukáš Vojtěch Jakub Petr Zdeněk Matěj Štěpán Radek Vít Jaroslav Přemysl
s Novák/Nováková Svoboda/Svobodová Dvořák/Dvořáková Černý/Černá Procházka/Procházková Kučera/Kučerová
s Horák/Horáková Němec/Němcová Růžička/Růžičková Beneš/Benešová Říha/Říhová Sedláček/Sedláčková
s Šimek/Šimková Veselý/Veselá Kříž/Křížová
hu
w Zsófia Anikó Eszter Réka Katalin Ágnes Boglárka Orsolya Judit Nóra Dóra Kinga Piroska Hajnalka
m László Gábor István Zoltán Péter Balázs Ádám Máté Tamás Ferenc Áron Levente Csaba Bálint
s Nagy Kovács Tóth Szabó Horváth Kiss Molnár Németh Farkas Balogh Lakatos Juhász Gál Szűcs Fehér Pintér
s Bíró Vörös
sv
w Astrid Freja Ingrid Maja Åsa Linnea Sigrid Karin Elsa Kajsa Märta Ylva Signe Tuva Ebba Helena
m Erik Oskar Björn Lars Nils Håkan Magnus Göran Axel Viktor Östen Anders Gustav Johan Rasmus Emil
s Andersson Lindqvist Åkesson Nyström Bergström Holm Sjöberg Öberg Ekström Dahl Lundgren Strand Hedlund
s Söderström Wallin Nordin Ahlberg Näslund
da
w Freja Mette Kirsten Søs Astrid Line Maren Sofie Birgitte Kaja Pernille Ida Tove Karoline
m Søren Mikkel Jørgen Anders Rasmus Bjørn Henrik Lasse Torben Asger Mads Jeppe Villads Esben
s Nielsen Jørgensen Kjær Østergaard Møller Bæk Lund Hansen Thorsen Skov Dahl Sørensen Holmgaard Ravn Kruse
s Bjerre
no
w Ragnhild Solveig Ingrid Kari Åse Synnøve Marit Hilde Silje Tonje Guro Berit
m Øystein Kåre Eirik Bjørn Håvard Sigurd Torstein Ola Geir Jørn Trond Vegard
s Bakke Nygård Haugen Ås Solberg Lie Myhre Strand Bøe Eide Røed Brekke
fi
w Aino Helmi Päivi Kaisa Marjatta Säde Tuuli Outi Venla Emmi Riikka Hilkka Johanna Sanna
m Mikko Jukka Väinö Antti Pekka Jyrki Eero Ilkka Tapio Harri Olli Risto Timo Ville
s Virtanen Mäkinen Korhonen Nieminen Hämäläinen Laine Koskinen Järvinen Lehtonen Saarinen Heikkilä Salonen
s Mäkelä Niskanen
nl
w Sanne Fenna Lotte Anouk Femke Maaike Noor Eline Marloes Jantje Renée Hanneke Sofie Liesbeth
m Daan Bram Jeroen Thijs Pieter Maarten Sjoerd Ruben Koen Joost Wouter Gijs Stijn Michiel
s de Vries Jansen Bakker Visser Smit Mulder van Dijk Meijer Bos Vermeer Hendriks Peeters van den Berg Claes
s Dekker Wouters
pt
w Beatriz Inês Mariana Leonor Catarina Joana Conceição Teresa Rita Luísa Sílvia Graça Filipa Margarida
m João Tiago Rui Gonçalo Nuno António Luís Simão Duarte Vasco Sebastião Fábio Henrique Hélder
s Silva Magalhães Ferreira Gonçalves Araújo Teixeira Simões Correia Brandão Cardoso Lourenço Guimarães
s Falcão Antunes
el
w Ελένη=Eleni Μαρία=Maria Σοφία=Sofia Δήμητρα=Dimitra Κατερίνα=Katerina Ιωάννα=Ioanna Άννα=Anna
w Χριστίνα=Christina
m Γιώργος=Giorgos Νίκος=Nikos Κώστας=Kostas Δημήτρης=Dimitris Γιάννης=Giannis Αλέξανδρος=Alexandros
m Σπύρος=Spyros
s Παπαδόπουλος=Papadopoulos/Παπαδοπούλου=Papadopoulou Γεωργίου=Georgiou Οικονόμου=Oikonomou
s Νικολάου=Nikolaou Αντωνίου=Antoniou Βασιλείου=Vasileiou Ιωάννου=Ioannou Δημητρίου=Dimitriou
bg
w Мария=Maria Елена=Elena Виолета=Violeta Десислава=Desislava Невена=Nevena Росица=Rositsa
w Цветелина=Tsvetelina
m Иван=Ivan Георги=Georgi Димитър=Dimitar Николай=Nikolay Стефан=Stefan Петър=Petar Кирил=Kiril Борис=Boris
s Иванов=Ivanov/Иванова=Ivanova Петров=Petrov/Петрова=Petrova Димитров=Dimitrov/Димитрова=Dimitrova
s Колев=Kolev/Колева=Koleva Тодоров=Todorov/Тодорова=Todorova Стоянов=Stoyanov/Стоянова=Stoyanova
"""

JOBS = (
    ("Management", "Managing director"), ("Management", "Chief executive"),
    ("Management", "Head of operations"), ("Management", "Assistant to the board"),
    ("Purchasing", "Head of purchasing"), ("Purchasing", "Buyer"), ("Purchasing", "Category manager"),
    ("Finance", "Chief financial officer"), ("Finance", "Accountant"), ("Finance", "Controller"),
    ("Sales", "Sales director"), ("Sales", "Key account manager"), ("Sales", "Sales assistant"),
    ("Marketing", "Head of marketing"), ("Marketing", "Brand manager"), ("Marketing", "Events coordinator"),
    ("IT", "Head of IT"), ("IT", "System administrator"), ("IT", "Software developer"),
    ("IT", "Project manager"), ("Logistics", "Warehouse manager"), ("Logistics", "Dispatcher"),
    ("Facilities", "Facility manager"), ("Facilities", "Office manager"),
    ("Human resources", "Head of human resources"), ("Production", "Plant manager"),
    ("Production", "Production planner"), ("Quality", "Quality engineer"),
    ("Customer service", "Team leader"), ("Legal", "Legal counsel"),
)  # fmt: skip

PARTICLES = ("de", "van", "De", "den")
FOLDED = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "đ": "d"})
FIRST_BIRTHDAY = date(1958, 1, 1)
BIRTHDAYS = 17000
"""Days between the oldest and the youngest birthday."""


class Name(NamedTuple):
    """A forename or surname, and how it stands in an e-mail address (lower-case ASCII)."""

    text: str
    ascii: str


class Names(NamedTuple):
    """The names of one language; `women` and `men` are forenames with the surnames that go with them."""

    women: tuple[Name, ...]
    men: tuple[Name, ...]
    women_surnames: tuple[Name, ...]
    men_surnames: tuple[Name, ...]


class Person(NamedTuple):
    """A person who does not exist; `mailbox` is the part of an e-mail address before the @."""

    salutation: str
    first_name: str
    last_name: str
    language: str
    mailbox: str
    job_title: str
    department: str
    birthday: date

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def email(self, domain: str) -> str:
        """The address at an employer."""
        return f"{self.mailbox}@{domain}"

    def private_email(self, number: int) -> str:
        """An address of their own; different for every `number`."""
        return f"{self.mailbox}.{number}@{PROVIDERS[number % len(PROVIDERS)]}"


PROVIDERS = ("mail.example", "inbox.example", "post.example", "letters.example")


def ascii_word(text: str) -> str:
    """A text as lower-case ASCII letters and digits, accents and everything else left out."""
    plain = unicodedata.normalize("NFKD", text.translate(FOLDED)).lower()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def person(random: Random, language: str = "en") -> Person:
    """A person whose names go together; an unknown `language` is taken for English."""
    names = POOL.get(language, POOL["en"])
    chance = random.random
    if chance() < 0.5:
        salutation, forenames, surnames = "ms", names.women, names.women_surnames
    else:
        salutation, forenames, surnames = "mr", names.men, names.men_surnames
    first = forenames[int(chance() * len(forenames))]
    last = surnames[int(chance() * len(surnames))]
    department, job_title = JOBS[int(chance() * len(JOBS))]
    born = FIRST_BIRTHDAY + timedelta(days=int(chance() * BIRTHDAYS))
    mailbox = f"{first.ascii}.{last.ascii}"
    return Person(salutation, first.text, last.text, language, mailbox, job_title, department, born)


def _read(block: str) -> dict[str, Names]:
    """The pools of every language in a block like NAMES."""
    lines: dict[str, dict[str, str]] = {}
    language = ""
    for line in block.strip().splitlines():
        kind, _, words = line.partition(" ")
        if not words:
            language = kind
            lines[language] = {"w": "", "m": "", "s": ""}
        else:
            lines[language][kind] += f" {words}"
    return {language: _names(rows["w"], rows["m"], rows["s"]) for language, rows in lines.items()}


def _names(women: str, men: str, surnames: str) -> Names:
    forms = [form.partition("/") for form in _words(surnames)]
    return Names(
        tuple(_name(word) for word in women.split()),
        tuple(_name(word) for word in men.split()),
        tuple(_name(hers or his) for his, _, hers in forms),
        tuple(_name(his) for his, _, _ in forms),
    )


def _words(text: str) -> list[str]:
    """The surnames of a line; a particle belongs to what follows it (`van den Berg`)."""
    words: list[str] = []
    pending = ""
    for word in text.split():
        if word in PARTICLES:
            pending += word + " "
        else:
            words.append(pending + word)
            pending = ""
    return words


def _name(entry: str) -> Name:
    text, _, written = entry.partition("=")
    return Name(text, ascii_word(written or text))


POOL = _read(NAMES)
LANGUAGES = tuple(POOL)
