/** The pictures of the sample articles, drawn here so that a screenshot needs nothing from elsewhere. */
export const PICTURES: Readonly<Record<string, string>> = {
  'tide-gauge.jpg': frame(
    '#f3c98b',
    `<circle cx="800" cy="196" r="64" fill="#fbe7c2"/>
     <path d="M0 300 180 226l150 60 220-96 240 104 314-70v330H0z" fill="#b98a73"/>
     <path d="M0 352 240 292l260 54 250-52 354 62v196H0z" fill="#7a5c63"/>
     <rect y="386" width="1104" height="166" fill="#3f5b6b"/>
     <path d="M0 414h1104M60 446h400M560 438h380M180 480h560M40 516h300M520 512h440" stroke="#6f8c98" stroke-width="5"/>
     <path d="M182 552V250h74v302z" fill="#2d2a2e"/><path d="M206 270h26M206 306h16M206 342h26M206 378h16M206 414h26M206 450h16" stroke="#f3c98b" stroke-width="7"/>
     <path d="M0 470h182v82H0z" fill="#241f22"/>`,
  ),
  'ferry.jpg': frame(
    '#1e2f46',
    `<circle cx="236" cy="130" r="46" fill="#f4ead2"/><rect y="372" width="1104" height="180" fill="#13202f"/>
     <path d="M240 316h640l-72 92H312z" fill="#e8e2d4"/><path d="M352 316v-80h392v80zM430 236v-58h220v58z" fill="#cfc6b3"/>
     <path d="M540 178v-66h56v66z" fill="#9b2d25"/><path d="M382 262h330M460 206h160" stroke="#f2b84b" stroke-width="16" stroke-dasharray="22 18"/>
     <path d="M80 446h300M470 470h420M220 512h520" stroke="#3d5a7c" stroke-width="6"/>`,
  ),
  'maps.jpg': frame(
    '#efe3c4',
    `<path d="M0 120c150-60 260 80 420 30s200-150 360-90 200 40 324 0v492H0z" fill="#c9d6c4"/>
     <path d="M0 300c180-40 300 90 480 40s280-160 624-60v272H0z" fill="#9db9b2"/>
     <path d="M0 300c180-40 300 90 480 40s280-160 624-60" fill="none" stroke="#6b5335" stroke-width="6"/>
     <path d="M820 420l34-92 34 92-34-20zM820 420l34 92 34-92-34 20z" fill="#8f1d1d"/>
     <path d="M120 0v552M340 0v552M560 0v552M780 0v552M1000 0v552M0 140h1104M0 420h1104" stroke="#8b7750" stroke-width="1.5"/>`,
  ),
  'logo.svg': `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 528 96" width="528" height="96">
    <path d="M8 70c12-14 24-14 36 0s24 14 36 0v18H8z" fill="#00796b"/><path d="M44 8v50M20 58h48" stroke="#143d38" stroke-width="8"/><path d="M44 10l26 38H44z" fill="#143d38"/>
    <text x="100" y="66" font-family="Liberation Sans, Arial, sans-serif" font-weight="700" font-size="52" letter-spacing="-1.5" fill="#143d38">Harbour Review</text></svg>`,
};

function frame(sky: string, inside: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1104 552" width="1104" height="552"><rect width="1104" height="552" fill="${sky}"/>${inside}</svg>`;
}
