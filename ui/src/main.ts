import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';
import { begin } from './begin.svelte';

// The fonts of a system are its own.
if (/Linux/.test(navigator.platform)) document.documentElement.dataset.system = 'linux';
const target = document.getElementById('app');
if (target) void begin().then(() => mount(App, { target }));
