/* What a text is found by, in many scripts. */
#include "test.h"

#include "text/terms.h"

static str joined(struct arena *a, const char *text, const char *locale)
{
    struct out o = out_make(a, 512, 1 << 20);
    enum status st = terms_join(str_c(text), str_c(locale), &o);
    if (st)
        test_fail("\"%s\" in %s: %s", text, locale, status_name(st));
    return out_view(&o);
}

static const struct {
    const char *locale, *text, *want;
} terms[] = {
    {"", "", ""},
    {"en-GB", "!!! — … \t\n", ""},
    {"", "Harbour WALL, 3.5 km!", "harbour wall 3.5 km"},
    {"en-GB", "The councils’ walls were collapsing", "the council wall were collaps"},
    {"en", "It's the mayor's", "it the mayor"},
    {"en", "ﬁre Ｆｕｌｌ x²", "fire full x"}, /* ligature, full width, a number that is no word */
    {"en",
     "e\xCC\x81"
     "lan élan ELAN",
     "elan elan elan"},
    {"en", "Łódź, Ørsted, Æsir, Þing", "lodz orsted aesir thing"},
    {"fr", "L'école d’Été qu'elles mangées", "l ecol d ete qu elle mang"},
    {"it", "dell’università", "dell univers"},
    {"en", "o'clock", "o'clock"},
    {"de", "Häuser HAUS Straße STRASSE", "haus haus strass strass"},
    {"es", "canciones canción año ano", "cancion cancion año ano"},
    {"sv", "Åsar asar", "åsar asar"},
    {"sv", "flickorna flicka", "flick flick"},
    {"fi", "talossa sää", "talo sää"},
    {"tr", "ISPARTA ısparta İstanbul istanbul", "ıspar ıspar istanbul istanbul"},
    {"", "ISPARTA", "isparta"},
    {"ru-RU", "Стены стеной Ёлка йод", "стен стен елк йод"},
    {"en", "Й", "и"}, /* in Russian alone a letter of its own */
    {"uk", "Їжак", "їжак"},
    {"el", "Αθήνας ΑΘΗΝΑ ΣΊΣΥΦΟΣ", "αθην αθην σισυφ"},
    {"ar", "المدرسة مَدْرَسَة", "مدرس مدرس"},
    {"ar", "إلى الى مدينــــة", "الي الي مدين"},
    {"", "أحمد كَتَبَ مكتبة ۱۲۳ ١٢٣", "احمد كتب مكتبه 123 123"},
    {"fa", "کتاب كتاب ایران ايران", "كتاب كتاب ايران ايران"},
    {"he", "שָׁלוֹם שלום", "שלום שלום"},
    {"hi", "किताबें किताब", "किताब किताब"},
    {"th", "ฉันกินข้าว", "ฉัน กิน ข้าว"},
    {"zh", "北京大学，学生", "北京 大学 学生"},
    {"ja", "東京で会った がか", "東京 で 会 っ た が か"},
    {"ja", "ｶﾞｲﾄﾞ", "ガイド"},
    {"ko", "한국 사람", "한국 사람"},
    {"ka", "თბილისი", "თბილისი"},
    {"vi", "Việt Nam", "viet nam"},
    {"en", "\xEF\xB7\xBA", "صلياللهعليهوسلم"}, /* one character that folds to four words */
    {"en",
     "x\xE2\x80\x8Dy a\xC2\xAD"
     "b",
     "xy ab"},
    {"xx-Nope", "walls", "walls"},
};

static void every_script_is_split(void **state)
{
    for (size_t i = 0; i < COUNT(terms); i++) {
        str have = joined(*state, terms[i].text, terms[i].locale);
        if (!str_eq(have, str_c(terms[i].want)))
            test_fail("%s, \"%s\"\nwant \"%s\"\nhave \"%.*s\"", terms[i].locale, terms[i].text,
                      terms[i].want, FMT(have));
    }
}

static void a_term_knows_its_word(void **state)
{
    static const struct {
        const char *text, *term, *word;
    } want[] = {{"«Стены» l'Été", "стены", "Стены"}, {NULL, "l", "l'Été"}, {NULL, "ete", "l'Été"}};
    struct arena *a = *state;
    struct term *list = NULL;
    size_t n = 0;
    str text = str_c(want[0].text);
    assert_int_equal(terms_split(text, STR("fr-FR"), a, &list, &n), ST_OK);
    assert_int_equal(n, COUNT(want));
    for (size_t i = 0; i < n; i++) {
        assert_str(list[i].text, want[i].term);
        assert_str(str_head(str_from(text, list[i].at), list[i].n), want[i].word);
    }
}

static void a_word_without_end_is_cut(void **state)
{
    struct arena *a = *state;
    struct out o = out_make(a, 512, 1 << 20);
    struct term *list = NULL;
    size_t n = 0;
    for (int i = 0; i < 5000; i++)
        out_c(&o, i % 2 ? "é" : "\xEF\xB7\xBB"); /* the longest of all folds: 8 letters and more */
    assert_int_equal(terms_split(out_view(&o), STR("en"), a, &list, &n), ST_OK);
    assert_int_equal(n, 1);
    assert_in_range(list[0].text.n, 64, 128);
    assert_true(utf8_valid(list[0].text, &n));
}

static void what_is_no_text_is_refused(void **state)
{
    struct term *list = NULL;
    size_t n = 7;
    assert_int_equal(terms_split(STR("wall \xC3("), STR("en"), *state, &list, &n), ST_INVALID);
    assert_int_equal(n, 7);
}

/* Nothing that a query's syntax is made of is ever part of a term. */
static void no_term_holds_syntax(void **state)
{
    struct arena *a = *state;
    char *mark = arena_mark(a);
    for (u32 cp = 1; cp < 0x30000; cp++) {
        char buf[16] = "a";
        size_t n = 1;
        struct term *list = NULL;
        if (cp >= 0xD800 && cp < 0xE000)
            continue;
        n += utf8_put(cp, buf + n);
        buf[n++] = 'b';
        size_t count = 0;
        assert_int_equal(terms_split((str){buf, n}, STR("fr"), a, &list, &count), ST_OK);
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < list[i].text.n; k++)
                if ((u8)list[i].text.p[k] <= ' ' || strchr("\"*^(){}+-", list[i].text.p[k]))
                    test_fail("U+%04X: \"%.*s\"", cp, FMT(list[i].text));
        arena_rewind(a, mark);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(every_script_is_split),     with_arena(a_term_knows_its_word),
        with_arena(a_word_without_end_is_cut), with_arena(what_is_no_text_is_refused),
        with_arena(no_term_holds_syntax),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
