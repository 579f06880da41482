import type { MailInput } from '../../src/rendering/index.ts';
import { readSampleMail } from '../../src/rendering/index.ts';

type Variant = Extract<MailInput, { template: 'digest' }>['variant'];

/** The sample of emails/digest as one of these newsletters would send it. */
export function englishIssue(changes: Partial<Variant> = {}): Variant {
  const { input } = readSampleMail('digest');
  if (input.template !== 'digest') {
    throw new Error('the digest sample is for another template');
  }
  return { ...input.variant, ...changes };
}

/** A publisher with colours, a logo and letters of its own. */
export function brandedIssue(): Variant {
  const { newsletter, ...rest } = englishIssue();
  return {
    ...rest,
    newsletter: {
      ...newsletter,
      name: 'Harbour Review',
      fromName: 'Harbour Review',
      description: '',
      postalAddress: newsletter.postalAddress.replace('The Weekly', 'Harbour Review'),
      brand: {
        font: 'sans',
        logoUrl: 'https://example.org/images/logo.svg',
        logoAlt: 'Harbour Review',
        logoWidth: 264,
        accentColor: '#00796b',
        backgroundColor: '#e9f1ef',
        footerText: 'Harbour Review is owned by its 4,100 readers. Tell a friend who lives by the sea.',
      },
    },
  };
}

export function arabicIssue(): Variant {
  const english = englishIssue();
  return {
    ...english,
    newsletter: {
      ...english.newsletter,
      name: 'الأسبوعية',
      fromName: 'الأسبوعية',
      locale: 'ar',
      dir: 'rtl',
      description: 'ما كان مهمًا هذا الأسبوع، ولماذا سيبقى مهمًا في الأسبوع القادم',
      postalAddress: 'الأسبوعية\nشارع الميناء ١٢\nالإسكندرية ٢١٥١١',
    },
    digest: {
      ...english.digest,
      title: 'لمن الميل الأخير من طريق الساحل؟',
      intro:
        'أسبوع هادئ على الورق. أما في ملفات المجلس فليس كذلك: **ثلاثة قرارات** لم يعلن عنها أحد ستحدد شكل الميناء خلال عشر سنوات. [الوثائق كاملة](https://example.org/ar/files) متاحة للجميع.',
      sections: [
        {
          name: 'قراءات',
          articles: [
            {
              title: 'مقياس المدّ الذي عاش أكثر من أربع حكومات',
              url: 'https://example.org/ar/tide-gauge',
              summaryText:
                'منذ مئة وأربعين عامًا يقرأ أحدهم المسطرة النحاسية نفسها في السابعة صباحًا. السجل الذي تركته هو اليوم أفضل دليل على سرعة ارتفاع الماء، والوظيفة على وشك أن تُلغى.',
              author: 'مريم القسطلاني',
              source: 'مجلة الميناء',
              imageUrl: 'https://example.org/images/tide-gauge.jpg',
              imageAlt: 'مقياس مدّ نحاسي على رصيف حجري وقت الجزر',
              imageWidth: 1104,
              imageHeight: 552,
              readingMinutes: 9,
            },
            {
              title: 'لماذا تدفع العبّارة الليلية ثمن العبّارة النهارية',
              url: 'https://example.org/ar/ferry',
              summaryText: 'بضائع تنام أثناء العبور تُبقي أسعار التذاكر كما هي. نظرة في حسابات لم يرها كثير من الركاب.',
              author: 'توماس رايتر',
              readingMinutes: 6,
              imageUrl: 'https://example.org/images/ferry.jpg',
              imageAlt: 'العبّارة الليلية في مرساها',
            },
          ],
        },
        {
          name: 'رأي',
          articles: [
            {
              title: 'المكتبة ليست غرفة انتظار',
              url: 'https://example.org/ar/library',
              summaryText: 'إذا أرسلت كل خدمة عامة تُغلق طابورها إلى قاعة القراءة فلن يبقى قريبًا مكان للقراءة.',
              author: 'إيناس فالديراما',
              readingMinutes: 5,
            },
          ],
        },
      ],
    },
  };
}
