import { Code, Stack, Text } from '@mantine/core';

const FIELDS = [
  ['{{ subscriber.name | default: "reader" }}', 'the name, or what you say for those who gave none'],
  ['{{ subscriber.name | default: "reader" | first_word }}', 'the first word of it'],
  ['{{ links.unsubscribe }}, {{ links.preferences }}', 'their own links'],
  ['{{ newsletter.name }}, {{ newsletter.homeUrl }}', 'facts of the newsletter'],
  ['{% if subscriber.name %} … {% else %} … {% endif %}', 'a word, a paragraph or, in MJML, whole sections'],
  ['{% if subscriber.locale == "de" %} … {% endif %}', 'by language: en, de, ar …'],
] as const;

/** What an author may write between braces. */
export function MergeHelp() {
  return (
    <details className="merge-help">
      <summary>
        <Text span size="sm" c="dimmed">
          What becomes each reader’s own
        </Text>
      </summary>
      <Stack gap="xs" mt="xs">
        <dl>
          {FIELDS.map(([written, meaning]) => (
            <div key={written}>
              <dt>
                <Code>{written}</Code>
              </dt>
              <Text component="dd" size="sm">
                {meaning}
              </Text>
            </div>
          ))}
        </dl>
        <Text size="sm" c="dimmed">
          A tag on a line of its own leaves out or shows whole paragraphs. Filters: default, upcase, downcase,
          capitalize, strip, truncate, append, prepend, first_word. Where a name is printed without a default and
          somebody has none, the campaign is not sent.
        </Text>
      </Stack>
    </details>
  );
}
