// The theme follows the system. The switch (`data-theme-switch`) chooses the other one and remembers it; choosing what the
// system has anyway forgets the choice. Without JavaScript there is no switch, and the system's theme holds.
export const THEME = `(function(d,k){
var h=d.documentElement,m=matchMedia("(prefers-color-scheme: dark)"),t=null;
try{t=localStorage.getItem(k)}catch(e){}
if(t==="light"||t==="dark")h.dataset.theme=t;
d.addEventListener("click",function(e){
if(!e.target.closest||!e.target.closest("[data-theme-switch]"))return;
var s=m.matches?"dark":"light",n=(h.dataset.theme||s)==="dark"?"light":"dark";
if(n===s)delete h.dataset.theme;else h.dataset.theme=n;
try{if(n===s)localStorage.removeItem(k);else localStorage.setItem(k,n)}catch(e){}
})})(document,"theme")`.replaceAll("\n", "");
