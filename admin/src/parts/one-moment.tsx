import { Center, Loader } from '@mantine/core';

/** While the first room's files are on their way. */
export function OneMoment() {
  return (
    <Center mih="60dvh">
      <Loader aria-label="Loading" />
    </Center>
  );
}
