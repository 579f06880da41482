import { Group, SegmentedControl } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useId, useRef, useState } from 'react';
import { markPlace, PLACE_ID } from './mark-place.ts';

const WIDTHS = { desktop: 700, phone: 375 } as const;
type Width = keyof typeof WIDTHS;
const DARK_DEVICE = '(prefers-color-scheme: dark)';
/** What stands for the question about the device: always true, never true. */
const ALWAYS = '(min-width: 0)';
const NEVER = '(max-width: 0)';

interface MailFrameProps {
  readonly title: string;
  readonly html: string;
  readonly height?: number;
  /** Words of the source that the view should stay at. */
  readonly followText?: string;
}

/** A mail as it will look, in a frame that can run nothing and reach nothing (src/http/admin-app.ts says how). */
export function MailFrame({ title, html, height = 640, followText = '' }: MailFrameProps) {
  const [width, setWidth] = useState<Width>(() => (globalThis.innerWidth < 640 ? 'phone' : 'desktop'));
  const [isDark, setIsDark] = useState(() => globalThis.matchMedia(DARK_DEVICE).matches);
  const { ref, width: room } = useElementSize();
  const scale = room === 0 ? 1 : Math.min(1, room / WIDTHS[width]);
  return (
    <div>
      <Group justify="flex-end" gap="xs" mb="xs">
        {html.includes(DARK_DEVICE) && (
          <SegmentedControl
            size="xs"
            aria-label="Colours of the reader’s device"
            value={isDark ? 'dark' : 'light'}
            onChange={(value) => setIsDark(value === 'dark')}
            data={[
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
        )}
        <SegmentedControl
          size="xs"
          aria-label="Width of the preview"
          value={width}
          onChange={(value) => setWidth(value === 'phone' ? 'phone' : 'desktop')}
          data={[
            { value: 'desktop', label: 'Desktop' },
            { value: 'phone', label: 'Phone' },
          ]}
        />
      </Group>
      <div ref={ref} className="mail-desk" data-width={width} style={{ height }}>
        <Sheets
          title={title}
          html={asOnDevice(markPlace(html, followText), isDark)}
          style={{
            width: Math.max(WIDTHS[width], width === 'desktop' ? room : 0),
            height: height / scale,
            transform: `${width === 'phone' ? `translateX(${-50 * scale}%) ` : ''}scale(${scale})`,
          }}
        />
      </div>
    </div>
  );
}

/** Mails follow the device by media queries alone; here the reader's device is not the editor's. */
function asOnDevice(html: string, isDark: boolean): string {
  return html.replaceAll(DARK_DEVICE, isDark ? ALWAYS : NEVER);
}

/**
 * Each version of the mail gets a frame of its own, shown once it has loaded: no flash between two, and no entry in the
 * browser's history, since the first document of a frame replaces the empty one.
 */
function Sheets({
  title,
  html,
  style,
}: {
  readonly title: string;
  readonly html: string;
  readonly style: React.CSSProperties;
}) {
  const name = useId();
  const [shown, setShown] = useState(0);
  const [newest, setNewest] = useState({ version: 0, html: '' });
  if (newest.html !== html) {
    setNewest({ version: newest.version + 1, html });
  }
  const versions = shown === newest.version || shown === 0 ? [newest.version] : [shown, newest.version];
  return versions
    .filter((version) => version > 0)
    .map((version) => (
      <Sheet
        key={version}
        frameName={`${name}${version}`}
        title={title}
        html={newest.html}
        isWaiting={version !== shown}
        style={style}
        onReady={() => setShown(version)}
      />
    ));
}

interface SheetProps {
  readonly frameName: string;
  readonly title: string;
  readonly html: string;
  readonly isWaiting: boolean;
  readonly style: React.CSSProperties;
  readonly onReady: () => void;
}

function Sheet({ frameName, title, html, isWaiting, style, onReady }: SheetProps) {
  const firstHtml = useRef(html);
  const isPosted = useRef(false);
  useEffect(() => {
    // The empty document that a new frame begins with has loaded before this runs.
    isPosted.current = true;
    postInto(frameName, firstHtml.current);
  }, [frameName]);
  return (
    <iframe
      name={frameName}
      title={isWaiting ? undefined : title}
      sandbox=""
      style={style}
      data-waiting={isWaiting || undefined}
      aria-hidden={isWaiting || undefined}
      onLoad={() => {
        if (isPosted.current) {
          onReady();
        }
      }}
    />
  );
}

function postInto(frameName: string, html: string): void {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = `/admin/frame#${PLACE_ID}`;
  form.target = frameName;
  form.hidden = true;
  const field = document.createElement('textarea');
  field.name = 'html';
  field.value = html;
  form.append(field);
  document.body.append(form);
  form.submit();
  form.remove();
}
