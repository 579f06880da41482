/**
 * What people choose first, as stems: a password counts as common when nothing but digits and signs surrounds one of
 * these (see password.ts), so `Password2026!` falls with `password`. Shorter stems matter only with such padding, since
 * passwords have at least 12 characters.
 */
export const COMMON_PASSWORD_STEMS: ReadonlySet<string> = new Set(
  `
  abc abcabc abcd abcde abcdef abcdefg abcdefgh abcdefghi abcdefghij abcdefghijk abcdefghijkl abcdefghijklm
  access admin administrator adminadmin adminpassword adminuser amazon america andrew angel asdf asdfasdf asdfgh
  asdfghjkl asdfghjklasdfghjkl ashley autumn azerty azertyuiop baseball basketball batman beautiful birthday blink
  butterfly charlie cheese chelsea chocolate christmas computer correcthorsebatterystaple courant courantcourant
  courantadmin dragon december donaldduck everton facebook february fernando flower football freedom friday forever
  fuckyou geheim geheimgeheim google hallo hallohallo harley hello hellohello helloworld hottie hunter iloveyou
  iloveyouiloveyou iloveyousomuch internet january jennifer jessica jordan joshua july june justin killer
  kennwort letmein letmeinletmein letmeinnow liverpool login loginlogin london lovelove loveyou lovers maggie manchester
  manchesterunited march marlboro master matthew merlin michael michelle microsoft mission monday monkey mustang
  mynoob mypassword mypasswordis mysecretpassword newsletter newslettermailer newsletternewsletter newspaper nicole
  november october online opensesame p@ssw0rd p@ssword pass passpass passw0rd passwd password passwordpassword
  passwordpasswordpassword passwort passwortpasswort pepper phoenix pokemon princess purple qazwsx qazwsxedc
  qazwsxedcrfv qwer qwerasdf qwert qwerty qwertyqwerty qwertyu qwertyui qwertyuiop qwertyuiopasdf
  qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm qwertz qwertzuiop ranger robert samsung samsunggalaxy saturday
  secret secretpassword secretsecret september shadow snoopy soccer spring starwars strawberry summer summertime
  sunday sunflower sunshine superman supersecret superstar supersecretpassword swordfish system taylor teamo temporary test
  testing testpass testpassword testtest testtesttest thankyou thisisapassword thisismypassword thomas thursday tigger
  trustno trustnoone tuesday twitter unknown vanessa wachtwoord wednesday welcome welcomehome welcomewelcome whatever
  whoami william windows winter yankees youtube zaq zaqwsx zxcvbn zxcvbnm zxcvbnmasdfghjkl zxcvbnmzxcvbnm motdepasse
  contraseña contrasena changeme changemechangeme changemeplease changethis default defaultpassword
  `
    .trim()
    .split(/\s+/),
);
