"""Given names that are common somewhere, by which people are recognised where nothing else tells them."""

from __future__ import annotations

_ONLY_NAMES = """
aaron abdul abdullah abigail adam adele adrian agnes agnieszka ahmed aisha aiko akira alan albert alberto alejandro
aleksandr alessandro alex alexander alexandra alexis alfred ali alice alicia alina alison allison amanda amelia amina
amir amit amy ana anastasia anders andrea andreas andreea andrei andrew andrzej angela anita anja anjali ann anna anne
annette anthony antoine anton antonio arjun arthur arun ashley astrid barbara bart beata beatriz ben benjamin bernard
bernd bianca björn bob bogdan brandon brenda brian bruno camille carl carla carlos carmen carol caroline catherine
cecilia charles charlotte chiara chloe chris christian christina christine christopher claire clara claudia claus
clement cornelia craig cristina cynthia dagmar daniel daniela daniele danielle dave david deborah debra deepak denis
dennis derek diana diane diego dieter dimitri dirk dmitri dmitry dominik donald donna dorothy douglas eduardo edward
elena eleanor elisabeth eliza elizabeth ella ellen elsa emil emily emma eric erica erik ernst esther eugene eva evelyn
fabian fatima federico felix fernando filip florian francesca francesco francisco françois frederik friedrich fritz
gabriel gabriela gary geoff george gerald gerhard giovanni giulia gonzalo greg gregory guillaume gunnar günter gustav
hana hannah hans harald haruto hassan heather heidi heike heinrich helen helena helga helmut henrik henry hiroshi
holger hugo ibrahim ida igor ines inga ingrid irena irene irina isabel isabella ismail ivan ivana jacob jacqueline
jakob jakub james jamie jana jane janet janice jasmin jason javier jean jeff jeffrey jennifer jens jeremy jerome jerry
jessica jessie jim joan joanna joao joe joel johan johann johanna john johnny jonas jonathan jordi jorge jose josef
josefine joseph josh joshua josé juan judith judy jules julia julian julie julien jürgen justin kai karen karin karl
karol katarina kate katharina katherine kathleen kathryn katja katrin kazuki keith kelly ken kenji kenneth kerstin
kevin khalid kim kimberly klara klaus konrad krzysztof kumar kurt larry lars laszlo laura lauren laurent lea leah lena
leo leon leonardo leonie liam lina linda lisa liu lorenzo lotte louis louise luca lucas lucia lucie luis luisa luka
lukas lukasz luke lydia maciej magda magdalena mahmoud malcolm manuel manuela marc marcel marcelo marcin marco marcus
margaret margarita maria marie marina mario marion marius markus marta martha martin martina mary mateo mateusz
mathias mathieu matt matteo matthew matthias maurice maximilian megan mehmet mei melanie melissa mia michael michaela
michal michel michelle miguel mika mikael mike mikhail milena miriam mohamed mohammad mohammed monica monika moritz
muhammad mustafa nadia nadine nancy naomi natalia natalie natasha neha neil nicholas nick nicola nicolas nicole niklas
nikola nikolai nils nina noah nora norbert oleg oliver olivia olga omar oscar oskar osman otto pablo paola paolo
patricia patrick paul paula paulina paulo pavel pedro peggy peter petra philip philipp philippe pierre piotr priya
rachel rafael rahul raj rajesh ralf ralph ramon raquel ravi raymond rebecca regina renate rené ricardo richard rita
robert roberto rodrigo roger roland rolf roman ronald rosa roxana rudolf rui ruth ryan sabine sabrina sakura salma sam
samantha samir samuel sandeep sandra sandro sanjay sara sarah sascha satoshi scott sean sebastian sergei sergey sergio
shannon sharon sheila shirley silvia simon simone sofia sonia sonja sophia sophie stefan stefanie stefano steffen
stephan stephanie stephen steve steven stuart sunil susan susanne suzanne sven svetlana sylvia takashi tamara tanja
tanya tara tariq tatiana ted teresa terry theo theresa thomas tiago tim timothy tina tobias tom tomas tomasz tony
torsten tristan ulrich ulrike ursula uwe valentina valeria vanessa vera veronica veronika victor vijay viktor vincent
vivian vladimir walter wanda wei wendy werner wilhelm william wolfgang xavier xin yan yasmin yi yohan yolanda yuki
yusuf yuri yvonne zainab zeynep zoe zoé zoë zofia
"""
# Words as well: names where they begin with a capital letter and a family name follows.
_WORDS_TOO = """
amber crystal daisy dale dawn dean don earl eve faith frank gene glen grace guy harry heath holly hope iris ivy jack
jade jan jay june kit lance lily max melody milan miles nick olive pearl penny ray rob robin rose ruby rusty sandy sue
victoria violet virginia woody
"""
# What people do as well: names only behind a word such as "by", and with a family name.
_VERBS_TOO = """
art bill chase drew duke grant hunter mark mason may page pat pierce rich rod skip summer ward will
"""
NAMES = frozenset(_ONLY_NAMES.split())
"""In lower case; words that mean nothing else."""
WORDS_TOO = frozenset(_WORDS_TOO.split())
"""In lower case; words of the language as well."""
VERBS_TOO = frozenset(_VERBS_TOO.split())
"""In lower case; words with which names of events begin as well."""
