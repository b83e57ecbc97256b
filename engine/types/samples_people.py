"""People who do not exist: names by language, a job, and an e-mail address that comes from the name."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

# One block per language: women's forenames, men's forenames, surnames. "Kowalski/Kowalska" gives a man's
# and a woman's form; "Ελένη=Eleni" gives how a name is written in an e-mail address where that can't be derived.
NAMES = """
ro
Ana Ioana Elena Ștefania Mădălina Raluca Adriana Cătălina Simona Roxana Irina Teodora Lăcrămioara Mihaela Alina Oana
Andrei Ștefan Mihai Radu Bogdan Cătălin Răzvan Ionuț Vlad Sorin Marius Tudor Gheorghe Dragoș Călin Ovidiu
Popescu Ionescu Dumitrescu Stoica Țurcanu Munteanu Rusu Șerban Lazăr Bălan Crăciun Neagu Pîrvu Olteanu Vlădescu Sava
Ardelean Moldoveanu Tănase Cojocaru Grigorescu Păun Manolescu Văcărescu
de
Anna Katharina Jördis Franziska Lena Heike Mareike Sabine Ingrid Käthe Charlotte Greta Annette Friederike Wiebke Nele
Lukas Jürgen Matthias Björn Sebastian Götz Florian Ulrich Tobias Jan Rüdiger Konrad Moritz Henning Felix Dieter
Müller Schäfer Weiß Köhler Hoffmann Lindner Krüger Böhm Vogel Hartmann Groß Seidel Zimmermann Brandt Jäger Kessler
Förster Winkelmann Schröder Albrecht Löwe Bergmann Thiele Rößler
fr
Camille Élodie Chloé Amélie Sophie Margaux Océane Hélène Inès Juliette Maëlle Noémie Agnès Léa Solène Béatrice
François Étienne Théo Mathieu Loïc Hugo Benoît Gaël Rémi Antoine Cédric Jérôme Lucien Raphaël Yannick Olivier
Lefèvre Moreau Girard Dubois Fournier Rousseau Béranger Chevalier Gauthier Delorme Marchand Perrin Renaud Vasseur
Lacombe Bréchet Faure Guérin Blanchard Carpentier Noël Desmoulins Aubert Tessier
en
Emily Olivia Hannah Charlotte Siobhán Megan Rebecca Alice Fiona Priya Naomi Gráinne Eleanor Aisha Beatrice Joanna
James Oliver Thomas Seán Daniel Rhys Edward Callum Arjun George Ruairí Marcus Simon Kwame Peter Alistair
Carter Whitfield Hughes O'Connor Bennett Ashworth Patel Fletcher Okafor Davies MacLeod Thornton Barrett Harding
O'Brien Sinclair Prescott Lambert Ellison Wainwright Byrne Hartley Sutton Fairweather
es
Lucía Carmen Inés Begoña Nuria Elena Marta Ángela Pilar Sofía Rocío Irene Leire Ainhoa Paula Verónica
Javier Álvaro Andrés Íñigo Pablo Sergio Martín Óscar Diego Raúl Gonzalo Iván Jesús Manuel Adrián Joaquín
García Muñoz Ibáñez Fernández Ortega Núñez Vázquez Herrera Peña Castillo Domínguez Serrano Cañadas Rubio Gil Lozano
Etxeberria Montero Benítez Saavedra Quintana Aguirre Carrasco Bermúdez
it
Giulia Chiara Francesca Noemi Alessia Beatrice Martina Ludovica Elisa Paola Viola Caterina Serena Ilaria Donatella Mirella
Marco Lorenzo Niccolò Matteo Davide Alessandro Federico Pietro Giacomo Luca Emanuele Riccardo Stefano Dario Fabio Ettore
Rossi Bianchi Colombo Ferrari Galli Conti D'Angelo Moretti Rinaldi Barbieri Fontana Mancini De Luca Sartori Pellegrini
Nicolò Grassi Bellini Caruso Marchetti Santoro Villa Zanetti Bruni
pl
Agnieszka Małgorzata Zofia Katarzyna Joanna Elżbieta Magdalena Łucja Hanna Wiktoria Kinga Bożena Dorota Alicja Ewa Iwona
Paweł Michał Łukasz Tomasz Krzysztof Stanisław Jakub Wojciech Grzegorz Zbigniew Maciej Rafał Jędrzej Piotr Adam Bartosz
Kowalski/Kowalska Nowak Wiśniewski/Wiśniewska Wójcik Zieliński/Zielińska Dąbrowski/Dąbrowska Mazur Krawczyk Piątek
Jabłoński/Jabłońska Grabowski/Grabowska Pawlak Głowacki/Głowacka Sikora Baran Żak Wróbel Kaczmarek Cieślak Górski/Górska
cs
Tereza Kateřina Zuzana Lucie Markéta Petra Hana Eliška Alžběta Jitka Božena Veronika Adéla Barbora
Jiří Tomáš Ondřej Lukáš Vojtěch Jakub Petr Zdeněk Matěj Štěpán Radek Vít Jaroslav Přemysl
Novák/Nováková Svoboda/Svobodová Dvořák/Dvořáková Černý/Černá Procházka/Procházková Kučera/Kučerová Horák/Horáková
Němec/Němcová Růžička/Růžičková Beneš/Benešová Říha/Říhová Sedláček/Sedláčková Šimek/Šimková Veselý/Veselá Kříž/Křížová
hu
Zsófia Anikó Eszter Réka Katalin Ágnes Boglárka Orsolya Judit Nóra Dóra Kinga Piroska Hajnalka
László Gábor István Zoltán Péter Balázs Ádám Máté Tamás Ferenc Áron Levente Csaba Bálint
Nagy Kovács Tóth Szabó Horváth Kiss Molnár Németh Farkas Balogh Lakatos Juhász Gál Szűcs Fehér Pintér Bíró Vörös
sv
Astrid Freja Ingrid Maja Åsa Linnea Sigrid Karin Elsa Kajsa Märta Ylva Signe Tuva Ebba Helena
Erik Oskar Björn Lars Nils Håkan Magnus Göran Axel Viktor Östen Anders Gustav Johan Rasmus Emil
Andersson Lindqvist Åkesson Nyström Bergström Holm Sjöberg Öberg Ekström Dahl Lundgren Strand Hedlund Söderström
Wallin Nordin Ahlberg Näslund
da
Freja Mette Kirsten Søs Astrid Line Maren Sofie Birgitte Kaja Pernille Ragnhild Ida Tove
Søren Mikkel Jørgen Anders Rasmus Bjørn Henrik Øystein Lasse Torben Asger Kåre Mads Eirik
Nielsen Jørgensen Kjær Østergaard Møller Bæk Lund Hansen Thorsen Nygård Bakke Skov Dahl Sørensen Holmgaard Ås
fi
Aino Helmi Päivi Kaisa Marjatta Säde Tuuli Outi Venla Emmi Riikka Hilkka Johanna Sanna
Mikko Jukka Väinö Antti Pekka Jyrki Eero Ilkka Tapio Harri Olli Risto Timo Ville
Virtanen Mäkinen Korhonen Nieminen Hämäläinen Laine Koskinen Järvinen Lehtonen Saarinen Heikkilä Salonen Mäkelä Niskanen
nl
Sanne Fenna Lotte Anouk Femke Maaike Noor Eline Marloes Jantje Renée Hanneke Sofie Liesbeth
Daan Bram Jeroen Thijs Pieter Maarten Sjoerd Ruben Koen Joost Wouter Gijs Stijn Michiel
de Vries Jansen Bakker Visser Smit Mulder van Dijk Meijer Bos Vermeer Hendriks Peeters van den Berg Claes Dekker Wouters
pt
Beatriz Inês Mariana Leonor Catarina Joana Conceição Teresa Rita Luísa Sílvia Graça Filipa Margarida
João Tiago Rui Gonçalo Nuno António Luís Simão Duarte Vasco Sebastião Fábio Henrique Hélder
Silva Magalhães Ferreira Gonçalves Araújo Teixeira Simões Correia Brandão Cardoso Lourenço Guimarães Falcão Antunes
el
Ελένη=Eleni Μαρία=Maria Σοφία=Sofia Δήμητρα=Dimitra Κατερίνα=Katerina Ιωάννα=Ioanna Άννα=Anna Χριστίνα=Christina
Γιώργος=Giorgos Νίκος=Nikos Κώστας=Kostas Δημήτρης=Dimitris Γιάννης=Giannis Αλέξανδρος=Alexandros Σπύρος=Spyros
Παπαδόπουλος=Papadopoulos/Παπαδοπούλου=Papadopoulou Γεωργίου=Georgiou Οικονόμου=Oikonomou Νικολάου=Nikolaou
Αντωνίου=Antoniou Βασιλείου=Vasileiou Ιωάννου=Ioannou Δημητρίου=Dimitriou
bg
Мария=Maria Елена=Elena Виолета=Violeta Десислава=Desislava Невена=Nevena Росица=Rositsa Цветелина=Tsvetelina
Иван=Ivan Георги=Georgi Димитър=Dimitar Николай=Nikolay Стефан=Stefan Петър=Petar Кирил=Kiril Борис=Boris
Иванов=Ivanov/Иванова=Ivanova Петров=Petrov/Петрова=Petrova Димитров=Dimitrov/Димитрова=Dimitrova
Колев=Kolev/Колева=Koleva Тодоров=Todorov/Тодорова=Todorova Стоянов=Stoyanov/Стоянова=Stoyanova
"""

JOBS = (
    ("Management", "Managing director"), ("Management", "Chief executive"), ("Management", "Head of operations"),
    ("Management", "Assistant to the board"), ("Purchasing", "Head of purchasing"), ("Purchasing", "Buyer"),
    ("Purchasing", "Category manager"), ("Finance", "Chief financial officer"), ("Finance", "Accountant"),
    ("Finance", "Controller"), ("Sales", "Sales director"), ("Sales", "Key account manager"), ("Sales", "Sales assistant"),
    ("Marketing", "Head of marketing"), ("Marketing", "Brand manager"), ("Marketing", "Events coordinator"),
    ("IT", "Head of IT"), ("IT", "System administrator"), ("IT", "Software developer"), ("IT", "Project manager"),
    ("Logistics", "Warehouse manager"), ("Logistics", "Dispatcher"), ("Facilities", "Facility manager"),
    ("Facilities", "Office manager"), ("Human resources", "Head of human resources"), ("Production", "Plant manager"),
    ("Production", "Production planner"), ("Quality", "Quality engineer"), ("Customer service", "Team leader"),
    ("Legal", "Legal counsel"),
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
    lines: dict[str, list[str]] = {}
    for line in block.strip().splitlines():
        if len(line) == 2:
            lines[line] = []
            current = lines[line]
        else:
            current.append(line)
    return {language: _names(*rows[:2], " ".join(rows[2:])) for language, rows in lines.items()}


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
