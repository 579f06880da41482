import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from 'react-router';

export function PageMissing() {
  return (
    <Stack>
      <Title order={1}>Nothing here</Title>
      <Text>This address leads nowhere. What it showed may have been removed.</Text>
      <Text>
        <Anchor component={Link} to="/">
          Back to the overview
        </Anchor>
      </Text>
    </Stack>
  );
}
